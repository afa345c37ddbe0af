/**
 * SQuAD's questions, contexts and answers, and where they stand in files. {@link io.sparkqa.squad.Example} is the value that
 * the other packages work with. Users of the jar may call {@code Example} and {@link io.sparkqa.squad.PythonText}; {@code
 * io.sparkqa.spark.SquadTable} reads files for them.
 */
package io.sparkqa.squad;
