/** libtorch as this project uses it: TorchScript programs, which device and arithmetic they run in, and the memory that they leave behind. */
package io.sparkqa.torch;
