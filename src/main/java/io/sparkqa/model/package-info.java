/** The network, its checkpoint and its configuration, under HuggingFace's names. */
package io.sparkqa.model;
