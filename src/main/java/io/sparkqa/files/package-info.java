/**
 * Files and folders that are written as a whole or not at all, checksums, deletion of folders.
 *
 * <p>For use within spark-qa; none of these types is meant for users of the jar.
 */
package io.sparkqa.files;
