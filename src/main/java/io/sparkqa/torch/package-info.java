/**
 * The project's use of libtorch: loads and calls TorchScript programs, chooses device and arithmetic, and watches the
 * process's memory. Users of the jar may call {@link io.sparkqa.torch.Hardware}; the other classes may change.
 */
package io.sparkqa.torch;
