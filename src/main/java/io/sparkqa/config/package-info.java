/**
 * Settings: {@link io.sparkqa.config.Experiment} declares them, {@link io.sparkqa.config.ExperimentReader} reads them from a
 * HOCON file and the command line, {@link io.sparkqa.config.ResolvedSettings} writes them back. Also the errors that are
 * shown to users, {@link io.sparkqa.config.UserError} and {@link io.sparkqa.config.WrongUse}.
 */
package io.sparkqa.config;
