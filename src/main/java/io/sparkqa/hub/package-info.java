/**
 * Models and data sets of the HuggingFace Hub, and files of the web, in a cache that is laid out as the Hub's own clients
 * lay out theirs. {@link io.sparkqa.hub.Fetch} fills the cache over the network, obeying the Hub clients' environment
 * variables ({@link io.sparkqa.hub.HubEnvironment}); {@link io.sparkqa.hub.HubCache} finds what is in it and never asks a
 * network. {@link io.sparkqa.hub.ModelFiles} knows which files make a model.
 */
package io.sparkqa.hub;
