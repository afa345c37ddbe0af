/** Measures how fast this machine does the work of the stages, and which share of its limits that is. For the bench stage
 * only. */
package io.sparkqa.bench;
