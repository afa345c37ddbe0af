/**
 * How this project uses libtorch: it loads and calls TorchScript programs, chooses device and arithmetic, and watches the
 * process's memory. Users of the jar may call {@link io.sparkqa.torch.Hardware}; the rest may change.
 */
package io.sparkqa.torch;
