/** Shows the progress of long work on the terminal. For the stages only. */
package io.sparkqa.progress;
