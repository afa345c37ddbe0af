/** Questions, contexts and answers, as SQuAD's JSON holds them. */
package io.sparkqa.squad;
