/** Tables as Arrow IPC files: written and read by Spark, mapped into memory without it. */
package io.sparkqa.arrow;
