/** libtorch as this project uses it: TorchScript programs, which device and arithmetic they run in, and the memory of the process, in which they leave holes. */
package io.sparkqa.torch;
