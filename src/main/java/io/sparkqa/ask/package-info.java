/** Questions at the terminal about a user's own texts: the texts, the answers in words and as JSON, the conversation. */
package io.sparkqa.ask;
