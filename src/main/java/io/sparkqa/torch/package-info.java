/** libtorch as this project uses it: TorchScript programs, and which device and arithmetic they run in. */
package io.sparkqa.torch;
