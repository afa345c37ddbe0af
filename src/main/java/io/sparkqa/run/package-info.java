/**
 * A run and its folder: the place of each result ({@link io.sparkqa.run.RunFolder}), outputs that are made again only when
 * an input or setting changes ({@link io.sparkqa.run.CachedStep}), inputs, manifests, tables for SQL, log file and failure
 * messages. The stages in package {@code job} use {@link io.sparkqa.run.StageRun}.
 */
package io.sparkqa.run;
