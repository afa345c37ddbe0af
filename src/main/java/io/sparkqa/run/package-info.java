/**
 * A run and its folder: where each result is ({@link io.sparkqa.run.RunFolder}), outputs that are made once and redone when
 * an input or setting changes ({@link io.sparkqa.run.CachedStep}), inputs, manifests, tables for SQL, log file and failure
 * messages. {@link io.sparkqa.run.StageRun} is what a stage of package {@code job} works with.
 */
package io.sparkqa.run;
