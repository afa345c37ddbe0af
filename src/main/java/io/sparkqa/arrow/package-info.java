/**
 * Tables as Arrow IPC files. {@link io.sparkqa.arrow.ArrowFileFormat} is Spark's data source {@code arrow}; {@link
 * io.sparkqa.arrow.MappedArrowFile} maps the same files into memory without Spark. Users of the jar may call both.
 */
package io.sparkqa.arrow;
