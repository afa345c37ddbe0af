/** Fine-tuning: the loop, its optimizer and schedule, the order of the windows, checkpoints and the log. */
package io.sparkqa.train;
