/** Measures the speed of the stages' work on this machine and its share of the machine's limits. For the bench stage only. */
package io.sparkqa.bench;
