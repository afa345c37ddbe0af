/**
 * What the project's demo is made with: the converter that makes its start model, and the command that multiplies a data set
 * ({@code data/multiply.sh}). The build packs it into a jar of its own; no class of it is meant to be called by others.
 */
package io.sparkqa.demo;
