/** How fast this machine does what the stages do, and what share that is of what it could do. */
package io.sparkqa.bench;
