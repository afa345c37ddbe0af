/**
 * SQuAD's questions, contexts and answers, and their places in files. The other packages use {@link
 * io.sparkqa.squad.Example}. Users of the jar may call {@code Example} and {@link io.sparkqa.squad.PythonText}; {@code
 * io.sparkqa.spark.SquadTable} reads files for them.
 */
package io.sparkqa.squad;
