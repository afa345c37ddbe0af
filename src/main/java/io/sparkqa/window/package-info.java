/** Examples become windows: tokens of question and context, cut to the network's length, with labels. */
package io.sparkqa.window;
