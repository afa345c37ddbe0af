/** Models and data sets of the HuggingFace Hub, and files of the web: brought once, then found in a cache. */
package io.sparkqa.hub;
