/** Questions that a person asks about texts of his own: the texts, the answers in words and as JSON, the conversation. */
package io.sparkqa.ask;
