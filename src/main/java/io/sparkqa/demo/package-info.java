/** Data sets and tokenizers of our own making, so that the whole can be tried without fetching anything. */
package io.sparkqa.demo;
