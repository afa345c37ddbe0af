/** Shows on the terminal how far a long piece of work is. For the stages only. */
package io.sparkqa.progress;
