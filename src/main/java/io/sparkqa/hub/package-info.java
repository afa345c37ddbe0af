/**
 * Models and data sets of the HuggingFace Hub, and files of the web, in a cache with the layout of the Hub's own clients.
 * {@link io.sparkqa.hub.Fetch} fills the cache over the network, obeying the Hub clients' environment variables ({@link
 * io.sparkqa.hub.HubEnvironment}). {@link io.sparkqa.hub.HubCache} finds files in it and never uses a network. {@link
 * io.sparkqa.hub.ModelFiles} knows the files of a model.
 */
package io.sparkqa.hub;
