/** Fine-tunes RoBERTa for extractive question answering on SQuAD 2.0 with Apache Spark. */
package io.sparkqa;
