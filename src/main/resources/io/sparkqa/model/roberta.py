"""RoBERTa with a span head: logits, loss and gradients.

A TorchScript program that io.sparkqa.torch.TorchProgram loads: functions under `torch` are ATen's, by their ATen names.
The encoder is that of Liu et al. 2019 (arXiv 1907.11692), the head that of Devlin et al. 2018 (arXiv 1810.04805).

The windows of a micro-batch are concatenated without padding. Shapes: N tokens of the micro-batch, B windows, H hidden
size, I intermediate size, A attention heads of D = H / A values each. Where the device can, one call attends within all
windows (packed attention). Otherwise attention runs on groups of windows of similar length: R windows padded to S tokens
each.
"""
from typing import Dict, List, NamedTuple, Optional

import torch
from torch import Tensor, ops
from torch.nn import Module

number = float  # TorchScript's name for int or float

# The loader replaces these values with those of the model and the device; they are roberta-base's on a CPU.
HIDDEN_SIZE = 768
HEADS = 12
HEAD_SIZE = 64
PAD = 1  # token id of padding
LAYER_NORM_EPS = 1e-5
SCORE_SCALE = 0.125  # 1 / sqrt(D)
MATMUL_DTYPE = 6  # type of the linear layers' products
ATTENTION_DTYPE = 6  # type of attention's products
ON_GPU = False
PACKED_ATTENTION = False  # whether one call attends within all windows; it needs DEVICE_DROPOUT and windows without padding
PRODUCT_ATTENTION = False  # whether attention without dropout is two matrix products, or else libtorch's own kernel
PACKS_WEIGHTS = False  # whether frozen weights have the layout in which oneDNN multiplies bfloat16
PACKED_FOR_TOKENS = 3072  # N for which oneDNN chooses that layout
DEVICE_DROPOUT = False  # whether the device's generator draws dropout, or else masks come from the host
HIDDEN_DROPOUT = 0.1  # probability
ATTENTION_DROPOUT = 0.1  # probability
HIDDEN_KEEP_SCALE = 1.1111111111111112  # 1 / (1 - HIDDEN_DROPOUT)
ATTENTION_KEEP_SCALE = 1.1111111111111112  # 1 / (1 - ATTENTION_DROPOUT)
KEPT_SCORE_SCALE = 0.1388888888888889  # SCORE_SCALE * ATTENTION_KEEP_SCALE

# c10::ScalarType
INT64 = 4
FLOAT32 = 6

# Numbers of parameters, in the checkpoint's order
EMBEDDINGS_PARAMETERS = 5
LAYER_PARAMETERS = 16
HEAD_PARAMETERS = 2

REDUCTION_SUM = 2  # at::Reduction
IGNORED = -100  # a label that the loss ignores
PADDING_LOGIT = -10000.0  # logit of padding: no span of padding is chosen


class Embeddings(NamedTuple):
    word: Tensor  # [vocabulary, H]
    position: Tensor  # [positions, H]
    token_type: Tensor  # [types, H]
    norm_weight: Tensor  # [H]
    norm_bias: Tensor  # [H]


class Layer(NamedTuple):
    query_weight: Tensor  # [H, H]; in a frozen layer query, key and value, [3 H, H]
    query_bias: Tensor  # [H]; in a frozen layer query, key and value, [3 H]
    key_weight: Tensor  # [H, H]; empty in a frozen layer, like the next three
    key_bias: Tensor  # [H]
    value_weight: Tensor  # [H, H]
    value_bias: Tensor  # [H]
    attention_output_weight: Tensor  # [H, H]
    attention_output_bias: Tensor  # [H]
    attention_norm_weight: Tensor  # [H]
    attention_norm_bias: Tensor  # [H]
    intermediate_weight: Tensor  # [I, H]
    intermediate_bias: Tensor  # [I]
    output_weight: Tensor  # [H, I]
    output_bias: Tensor  # [H]
    output_norm_weight: Tensor  # [H]
    output_norm_bias: Tensor  # [H]


class Head(NamedTuple):
    weight: Tensor  # [2, H]
    bias: Tensor  # [2]


class Parameters(NamedTuple):
    embeddings: Embeddings
    layers: List[Layer]
    head: Head


class Group(NamedTuple):
    rows: int  # R
    width: int  # S
    first: int  # index of the group's first token among the micro-batch's N
    end: int  # index after its last token
    padded: bool  # whether there are fewer tokens than R * S
    slots: Tensor  # int64[tokens]: each token's slot among the R * S
    key_mask: Optional[Tensor]  # bool[R, 1, 1, S]: true at keys that are real tokens; None if all are


class Batch(NamedTuple):
    ids: Tensor  # int32[N]
    positions: Tensor  # int32[N]
    groups: List[Group]  # none with packed attention
    starts: Optional[Tensor]  # int32[B + 1]: index of each window's first token, then N; with packed attention only
    longest: int  # tokens of the longest window


class SpanLogits(NamedTuple):
    start_logits: Tensor  # [B, S]
    end_logits: Tensor  # [B, S]


class LayerMasks(NamedTuple):
    attention: List[Tensor]  # uint8[R A, S, S] for each group: 1 keeps, 0 drops; no elements without dropout
    attention_output: Optional[Tensor]  # uint8[N, H]
    output: Optional[Tensor]  # uint8[N, H]


class Masks(NamedTuple):
    embeddings: Optional[Tensor]  # uint8[N, H]
    layers: List[LayerMasks]


class Attended(NamedTuple):
    context: Tensor  # [N, H]
    weights: List[Tensor]  # [R A, S, S] for each group, before dropout; no elements with the device's dropout
    projected: Tensor  # [N, 3 H]: the attention's input, as autograd recorded it if it did


class Activations(NamedTuple):
    x: Tensor  # [N, H], input of the layer
    projected: Tensor  # [N, 3 H]
    attended: Attended
    context: Tensor  # [N, H]
    output: Tensor  # [N, H]


class Roberta(Module):
    training: bool

    # --- Parameters and batches from the host ------------------------------------------------------------------------

    def parameters_of(self, w: List[Tensor]) -> Parameters:
        layers: List[Layer] = []
        for begin in range(EMBEDDINGS_PARAMETERS, len(w) - HEAD_PARAMETERS, LAYER_PARAMETERS):
            layers.append(self.layer_of(w[begin : begin + LAYER_PARAMETERS]))
        return Parameters(Embeddings(w[0], w[1], w[2], w[3], w[4]), layers, Head(w[-2], w[-1]))

    def layer_of(self, w: List[Tensor]) -> Layer:
        return Layer(
            w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7], w[8], w[9], w[10], w[11], w[12], w[13], w[14], w[15]
        )

    # Moves a tensor to the parameters' device without waiting for it to arrive.
    def move(self, x: Tensor, parameters: Parameters) -> Tensor:
        if ON_GPU:
            return x.pin_memory().to(parameters.embeddings.word.device, non_blocking=True)
        return x

    def batch_of(self, given: Dict[str, Tensor], parameters: Parameters) -> Batch:
        ids = self.move(given["ids"], parameters)  # int32[N]
        positions = self.move(given["positions"], parameters)  # int32[N]
        longest = int(given["lengths"].max())
        groups: List[Group] = []
        if PACKED_ATTENTION:
            return Batch(ids, positions, groups, self.move(given["starts"], parameters), longest)
        slots = self.move(given["slots"], parameters)  # int64[N]
        lengths = self.move(given["lengths"], parameters)  # int32[B]
        table = given["groups"]  # int64[G, 6], on the host
        for i in range(table.size(0)):
            groups.append(self.group_of(table[i], slots, lengths))
        return Batch(ids, positions, groups, None, longest)

    # The group of a row of the table: first token, tokens, R, S, first window, whether keys are masked
    def group_of(self, row: Tensor, slots: Tensor, lengths: Tensor) -> Group:
        first = int(row[0])
        end = first + int(row[1])
        rows = int(row[2])
        width = int(row[3])
        first_window = int(row[4])
        key_mask: Optional[Tensor] = None
        if int(row[5]) != 0:
            keys = torch.arange(width, dtype=INT64, device=lengths.device)  # [S]
            real = lengths[first_window : first_window + rows].view([rows, 1])  # [R, 1]
            key_mask = (keys.unsqueeze(0) < real).unsqueeze(1).unsqueeze(1)  # [R, 1, 1, S]
        return Group(rows, width, first, end, end - first != rows * width, slots[first:end], key_mask)

    # --- Building blocks ---------------------------------------------------------------------------------------------

    def linear(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        x = x.to(MATMUL_DTYPE)
        if PACKS_WEIGHTS:
            if weight.is_mkldnn:
                scalars: List[Optional[number]] = []
                return ops.mkldnn._linear_pointwise(x, weight, bias, "none", scalars, None)
        return torch.linear(x, weight.to(MATMUL_DTYPE), bias.to(MATMUL_DTYPE))

    def layer_norm(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        return torch.layer_norm(x, [HIDDEN_SIZE], weight, bias, LAYER_NORM_EPS)

    def drop(self, x: Tensor, mask: Optional[Tensor], train: bool) -> Tensor:
        if DEVICE_DROPOUT:
            return torch.dropout(x, HIDDEN_DROPOUT, train)
        if mask is None:
            return x
        return x * mask * HIDDEN_KEEP_SCALE

    # The sum of x, float32, and y in the precision of the products
    def residual(self, x: Tensor, y: Tensor) -> Tensor:
        if ON_GPU:
            return x + y  # one kernel converts and adds
        return x + y.to(FLOAT32)

    # --- Embeddings --------------------------------------------------------------------------------------------------

    # The tokens' rows of the word embeddings, [N, H]
    def look_up(self, batch: Batch, embeddings: Embeddings) -> Tensor:
        return torch.embedding(embeddings.word, batch.ids, PAD)

    # The rows that look_up returned to the embeddings, [N, H]
    def embed(self, words: Tensor, batch: Batch, embeddings: Embeddings) -> Tensor:
        x = words + embeddings.token_type[0]  # [N, H]
        x = x + torch.embedding(embeddings.position, batch.positions, PAD)  # [N, H]
        return self.layer_norm(x, embeddings.norm_weight, embeddings.norm_bias)  # [N, H]

    # --- Attention ---------------------------------------------------------------------------------------------------

    # [N, n] to a group's tokens with zeros in the slots of padding, [R S, n]
    def pad(self, x: Tensor, group: Group) -> Tensor:
        tokens = x[group.first : group.end]  # [tokens, n]
        if group.padded:
            zeros = x.new_zeros([group.rows * group.width, x.size(1)])  # [R S, n]
            return zeros.index_copy(0, group.slots, tokens)  # [R S, n]
        return tokens

    # The reverse of pad: [R S, n] to [tokens, n]
    def unpad(self, x: Tensor, group: Group) -> Tensor:
        if group.padded:
            return x.index_select(0, group.slots)
        return x

    # [R S, n H] to [n, R, A, S, D]
    def split_heads(self, x: Tensor, group: Group, n: int) -> Tensor:
        return x.view([group.rows, group.width, n, HEADS, HEAD_SIZE]).permute([2, 0, 3, 1, 4])

    # [N, n H] to a group's matrices, batched for products, [n, R A, S, D]
    def matrices(self, x: Tensor, group: Group, n: int) -> Tensor:
        heads = self.split_heads(self.pad(x, group), group, n)  # [n, R, A, S, D]
        return heads.to(ATTENTION_DTYPE).contiguous().view([n, -1, group.width, HEAD_SIZE])  # [n, R A, S, D]

    # [R A, S, D] to [R, S, A, D]
    def merge_heads(self, x: Tensor, group: Group) -> Tensor:
        return x.view([group.rows, HEADS, -1, HEAD_SIZE]).permute([0, 2, 1, 3])

    # Writes [R A, S, D] to the group's tokens in [N, H]
    def put(self, x: Tensor, into: Tensor, group: Group) -> None:
        tokens = into[group.first : group.end]  # [tokens, H]
        merged = self.merge_heads(x, group)  # [R, S, A, D]
        if group.padded:
            tokens.copy_(self.unpad(merged.reshape([-1, HIDDEN_SIZE]), group))
        else:
            tokens.view(merged.size()).copy_(merged)

    # scale * (x @ y) for batches of matrices
    def product(self, x: Tensor, y: Tensor, scale: float) -> Tensor:
        return torch.baddbmm(x.new_zeros([1, 1, 1]), x, y, beta=0, alpha=scale)

    def attention_weights(self, query: Tensor, key: Tensor, group: Group) -> Tensor:
        scores = self.product(query, key.transpose(1, 2), SCORE_SCALE)  # [R A, S, S]
        key_mask = group.key_mask
        if key_mask is not None:
            by_row = scores.view([-1, HEADS, group.width, group.width])  # [R, A, S, S]
            by_row.masked_fill_(key_mask.bitwise_not(), float("-inf"))
        return torch.softmax(scores, -1)  # [R A, S, S]

    # [N, 3 H] to [N, H]. Autograd can record this.
    def attend(self, projected: Tensor, batch: Batch, dropout: float) -> Tensor:
        if PACKED_ATTENTION:
            starts = batch.starts
            assert starts is not None
            longest = batch.longest
            query, key, value = projected.view([-1, 3, HEADS, HEAD_SIZE]).unbind(1)  # [N, A, D] each
            context, log_sums, random_state, unused, mask = torch._flash_attention_forward(
                query, key, value, starts, starts, longest, longest, dropout, False, False, scale=SCORE_SCALE
            )  # [N, A, D]
            return context.reshape([-1, HIDDEN_SIZE])
        contexts: List[Tensor] = []
        for group in batch.groups:
            if PRODUCT_ATTENTION:
                matrices = self.matrices(projected, group, 3)  # [3, R A, S, D]
                weights = self.attention_weights(matrices[0], matrices[1], group)  # [R A, S, S]
                context = weights.bmm(matrices[2])  # [R A, S, D]
            else:
                heads = self.split_heads(self.pad(projected, group), group, 3)  # [3, R, A, S, D]
                context = torch.scaled_dot_product_attention(
                    heads[0], heads[1], heads[2], group.key_mask, dropout
                )  # [R, A, S, D]
            merged = self.merge_heads(context, group).reshape([-1, HIDDEN_SIZE])  # [R S, H]
            contexts.append(self.unpad(merged, group))
        return torch.cat(contexts, 0)  # [N, H]

    # Like attend, but with dropout by masks and not recorded by autograd. Only the weights are kept for the backward pass.
    def attend_masked(self, projected: Tensor, groups: List[Group], masks: List[Tensor]) -> Attended:
        contexts = projected.new_empty([projected.size(0), HIDDEN_SIZE])  # [N, H]
        all_weights: List[Tensor] = []
        for i, group in enumerate(groups):
            matrices = self.matrices(projected, group, 3)  # [3, R A, S, D]
            weights = self.attention_weights(matrices[0], matrices[1], group)  # [R A, S, S]
            if len(masks) == 0:
                context = weights.bmm(matrices[2])  # [R A, S, D]
            else:
                context = self.product(weights * masks[i], matrices[2], ATTENTION_KEEP_SCALE)  # [R A, S, D]
            self.put(context, contexts, group)
            all_weights.append(weights)
        return Attended(contexts, all_weights, projected)

    # --- Layer -------------------------------------------------------------------------------------------------------

    # Concatenates the weights or biases of query, key and value: [3 H, H] or [3 H]
    def stack(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        return torch.cat([query.to(MATMUL_DTYPE), key.to(MATMUL_DTYPE), value.to(MATMUL_DTYPE)], 0)

    # [N, H] to query, key and value, [N, 3 H]
    def project(self, x: Tensor, layer: Layer) -> Tensor:
        if layer.key_weight.numel() == 0:
            return self.linear(x, layer.query_weight, layer.query_bias)
        weight = self.stack(layer.query_weight, layer.key_weight, layer.value_weight)  # [3 H, H]
        bias = self.stack(layer.query_bias, layer.key_bias, layer.value_bias)  # [3 H]
        return self.linear(x, weight, bias)

    # The part of a layer after the attention: the layer's input and the context, [N, H] each, to its output, [N, H]
    def feed_forward(self, x: Tensor, context: Tensor, layer: Layer, masks: LayerMasks, train: bool) -> Tensor:
        y = self.linear(context, layer.attention_output_weight, layer.attention_output_bias)  # [N, H]
        y = self.drop(y, masks.attention_output, train)  # [N, H]
        x = self.layer_norm(self.residual(x, y), layer.attention_norm_weight, layer.attention_norm_bias)  # [N, H]
        y = torch.gelu(self.linear(x, layer.intermediate_weight, layer.intermediate_bias))  # [N, I]
        y = self.linear(y, layer.output_weight, layer.output_bias)  # [N, H]
        y = self.drop(y, masks.output, train)  # [N, H]
        return self.layer_norm(self.residual(x, y), layer.output_norm_weight, layer.output_norm_bias)  # [N, H]

    # --- Head and loss -----------------------------------------------------------------------------------------------

    # Start and end logits, [2, N]
    def span_logits(self, x: Tensor, head: Head) -> Tensor:
        return torch.linear(x, head.weight, head.bias).t()

    # The loss: scale[0] times the sum of the start labels' cross entropies plus scale[1] times that of the end labels'.
    # A window's softmax runs over its candidates, int32[B, C]: indices of tokens, filled up with N.
    def loss(self, logits: Tensor, candidates: Tensor, labels: Tensor, scale: Tensor) -> Tensor:
        none = torch.full([2, 1], float("-inf"), dtype=FLOAT32, device=logits.device)  # [2, 1]
        scores = torch.cat([logits, none], 1).index_select(1, candidates.flatten())  # [2, B C]
        scores = scores.view([2, candidates.size(0), candidates.size(1)])  # [2, B, C]
        start = torch.cross_entropy_loss(scores[0], labels[0], None, REDUCTION_SUM, IGNORED)  # []
        end = torch.cross_entropy_loss(scores[1], labels[1], None, REDUCTION_SUM, IGNORED)  # []
        return start * float(scale[0]) + end * float(scale[1])  # []

    # --- Without gradients -------------------------------------------------------------------------------------------

    def encode(self, parameters: Parameters, batch: Batch, layers: int) -> Tensor:
        no_masks = LayerMasks([], None, None)
        x = self.embed(self.look_up(batch, parameters.embeddings), batch, parameters.embeddings)  # [N, H]
        for layer in parameters.layers[:layers]:
            context = self.attend(self.project(x, layer), batch, 0.0)  # [N, H]
            x = self.feed_forward(x, context, layer, no_masks, False)  # [N, H]
        return x

    # The output of the first layers, or of the embeddings for 0 layers, [N, H]
    def hidden(self, w: List[Tensor], given: Dict[str, Tensor], layers: Tensor) -> Tensor:
        parameters = self.parameters_of(w)
        return self.encode(parameters, self.batch_of(given, parameters), int(layers))

    # Start and end logits, [2, N]
    def logits(self, w: List[Tensor], given: Dict[str, Tensor]) -> Tensor:
        parameters = self.parameters_of(w)
        x = self.encode(parameters, self.batch_of(given, parameters), len(parameters.layers))  # [N, H]
        return self.span_logits(x, parameters.head).contiguous()  # [2, N]

    # The real tokens of windows that are padded to S tokens, as one group
    def padded_batch(self, input_ids: Tensor, attention_mask: Tensor) -> Batch:
        rows = input_ids.size(0)
        width = input_ids.size(1)
        mask = attention_mask.ne(0)  # bool[B, S]
        slots = mask.flatten().nonzero().squeeze(1)  # int64[N]
        counted = input_ids.ne(PAD).logical_and(mask)  # bool[B, S]
        positions = counted.cumsum(1) * counted + PAD  # int64[B, S]
        padded = slots.size(0) != rows * width
        key_mask: Optional[Tensor] = None
        if padded:
            key_mask = mask.unsqueeze(1).unsqueeze(1)  # [B, 1, 1, S]
        return Batch(
            input_ids.flatten().index_select(0, slots),
            positions.flatten().index_select(0, slots),
            [Group(rows, width, 0, slots.size(0), padded, slots, key_mask)],
            None,
            width,
        )

    # Start and end logits of windows that are padded to S tokens, int64[B, S] each; attention_mask is 0 at padding
    def padded_logits(self, w: List[Tensor], input_ids: Tensor, attention_mask: Tensor) -> SpanLogits:
        parameters = self.parameters_of(w)
        batch = self.padded_batch(input_ids, attention_mask)
        x = self.encode(parameters, batch, len(parameters.layers))  # [N, H]
        logits = self.span_logits(x, parameters.head)  # [2, N]
        padding = logits.new_full([2, input_ids.numel()], PADDING_LOGIT)  # [2, B S]
        spread = padding.index_copy(1, batch.groups[0].slots, logits)  # [2, B S]
        spread = spread.view([2, input_ids.size(0), input_ids.size(1)])  # [2, B, S]
        return SpanLogits(spread[0], spread[1])

    # A parameter in the precision in which linear multiplies
    def narrow(self, parameter: Tensor) -> Tensor:
        return parameter.detach().to(MATMUL_DTYPE)

    # A weight in the precision and layout in which linear multiplies
    def pack(self, weight: Tensor) -> Tensor:
        if PACKS_WEIGHTS:
            return ops.mkldnn._reorder_linear_weight(self.narrow(weight), PACKED_FOR_TOKENS)
        return self.narrow(weight)

    # A layer's parameters, prepared for passes without gradients, in the same order
    def frozen(self, w: List[Tensor]) -> List[Tensor]:
        layer = self.layer_of(w)
        empty = layer.query_bias.detach()[:0]  # [0]
        return [
            self.pack(self.stack(layer.query_weight, layer.key_weight, layer.value_weight)),
            self.narrow(self.stack(layer.query_bias, layer.key_bias, layer.value_bias)),
            empty,
            empty,
            empty,
            empty,
            self.pack(layer.attention_output_weight),
            self.narrow(layer.attention_output_bias),
            layer.attention_norm_weight.detach(),
            layer.attention_norm_bias.detach(),
            self.pack(layer.intermediate_weight),
            self.narrow(layer.intermediate_bias),
            self.pack(layer.output_weight),
            self.narrow(layer.output_bias),
            layer.output_norm_weight.detach(),
            layer.output_norm_bias.detach(),
        ]

    # --- Backward pass -----------------------------------------------------------------------------------------------
    # With packed attention, autograd records the whole computation. Otherwise it records the parts of a layer before and
    # after the attention. The attention's gradient is computed here, unless the device draws the dropout; then autograd
    # records the attention too.

    # A tensor from which autograd starts a new graph
    def leaf(self, x: Tensor) -> Tensor:
        return x.detach().requires_grad_(True)

    # The gradients with respect to the inputs, given the gradient with respect to the output
    def backward(self, output: Tensor, grad_output: Tensor, inputs: List[Tensor]) -> List[Tensor]:
        grad_outputs: List[Optional[Tensor]] = [grad_output]
        grads: List[Tensor] = []
        for grad in torch.grad([output], inputs, grad_outputs, None, False, False):
            assert grad is not None
            grads.append(grad)
        return grads

    # Cuts the dropout's bytes into masks: embeddings, then for each layer attention weights, attention output, output
    def masks_of(self, kept: Tensor, batch: Batch, layers: int) -> Masks:
        by_layer: List[LayerMasks] = []
        if kept.numel() == 0:
            for _ in range(layers):
                by_layer.append(LayerMasks([], None, None))
            return Masks(None, by_layer)
        tokens = batch.ids.size(0)
        hidden = tokens * HIDDEN_SIZE
        embeddings = kept[:hidden].view([tokens, HIDDEN_SIZE])  # [N, H]
        at = hidden
        for _ in range(layers):
            attention: List[Tensor] = []
            for group in batch.groups:
                shape = [group.rows * HEADS, group.width, group.width]
                end = at + shape[0] * shape[1] * shape[2]
                attention.append(kept[at:end].view(shape))  # [R A, S, S]
                at = end
            attention_output = kept[at : at + hidden].view([tokens, HIDDEN_SIZE])  # [N, H]
            at = at + hidden
            output = kept[at : at + hidden].view([tokens, HIDDEN_SIZE])  # [N, H]
            at = at + hidden
            by_layer.append(LayerMasks(attention, attention_output, output))
        return Masks(embeddings, by_layer)

    def attention_forward(self, projected: Tensor, batch: Batch, masks: List[Tensor]) -> Attended:
        if DEVICE_DROPOUT:
            recorded = self.leaf(projected)  # [N, 3 H]
            return Attended(self.attend(recorded, batch, ATTENTION_DROPOUT), [], recorded)
        return self.attend_masked(projected.detach(), batch.groups, masks)

    # The gradient of the projections, [N, 3 H]. That of the scores includes SCORE_SCALE, as query and key need it.
    def attention_backward(
        self, attended: Attended, grad_context: Tensor, groups: List[Group], masks: List[Tensor]
    ) -> Tensor:
        projected = attended.projected  # [N, 3 H]
        if DEVICE_DROPOUT:
            return self.backward(attended.context, grad_context, [projected])[0]
        grad_projected = projected.new_empty([projected.size(0), 3, HIDDEN_SIZE])  # [N, 3, H]
        for i, group in enumerate(groups):
            matrices = self.matrices(projected, group, 3)  # [3, R A, S, D]
            query, key, value = matrices[0], matrices[1], matrices[2]  # [R A, S, D] each
            grad = self.matrices(grad_context, group, 1)[0]  # [R A, S, D]
            weights = attended.weights[i]  # [R A, S, S]
            if len(masks) == 0:
                grad_value = weights.transpose(1, 2).bmm(grad)  # [R A, S, D]
                grad_weights = self.product(grad, value.transpose(1, 2), SCORE_SCALE)  # [R A, S, S]
            else:
                mask = masks[i].to(ATTENTION_DTYPE)  # [R A, S, S]
                grad_value = self.product((weights * mask).transpose(1, 2), grad, ATTENTION_KEEP_SCALE)  # [R A, S, D]
                grad_weights = self.product(grad, value.transpose(1, 2), KEPT_SCORE_SCALE) * mask  # [R A, S, S]
            grad_scores = torch._softmax_backward_data(grad_weights, weights, -1, ATTENTION_DTYPE)  # [R A, S, S]
            grad_query = grad_scores.bmm(key)  # [R A, S, D]
            grad_key = grad_scores.transpose(1, 2).bmm(query)  # [R A, S, D]
            self.put(grad_query, grad_projected.select(1, 0), group)
            self.put(grad_key, grad_projected.select(1, 1), group)
            self.put(grad_value, grad_projected.select(1, 2), group)
        return grad_projected.flatten(1)  # [N, 3 H]

    def layer_forward(self, x: Tensor, layer: Layer, batch: Batch, masks: LayerMasks) -> Activations:
        projected = self.project(x, layer)  # [N, 3 H]
        attended = self.attention_forward(projected, batch, masks.attention)
        context = self.leaf(attended.context)  # [N, H]
        output = self.feed_forward(x, context, layer, masks, True)  # [N, H]
        return Activations(x, projected, attended, context, output)

    # The gradients of a layer's input and of its parameters
    def layer_backward(
        self, done: Activations, grad_output: Tensor, layer: Layer, groups: List[Group], masks: LayerMasks
    ) -> List[Tensor]:
        x, projected, attended, context, output = done
        after = self.backward(
            output,
            grad_output,
            [
                x,
                context,
                layer.attention_output_weight,
                layer.attention_output_bias,
                layer.attention_norm_weight,
                layer.attention_norm_bias,
                layer.intermediate_weight,
                layer.intermediate_bias,
                layer.output_weight,
                layer.output_bias,
                layer.output_norm_weight,
                layer.output_norm_bias,
            ],
        )
        grad_projected = self.attention_backward(attended, after[1], groups, masks.attention)  # [N, 3 H]
        before = self.backward(
            projected,
            grad_projected,
            [
                x,
                layer.query_weight,
                layer.query_bias,
                layer.key_weight,
                layer.key_bias,
                layer.value_weight,
                layer.value_bias,
            ],
        )
        grad_x = after[0] + before[0]  # [N, H]
        return [grad_x] + before[1:] + after[2:]

    # Adds the gradient of the rows that look_up returned, [N, H], to that of the word embeddings, [vocabulary, H]. Only the
    # rows of these tokens change. A GPU would add them up in no fixed order, so it makes a matrix of its own.
    def add_rows(self, grad_words: Tensor, grad_rows: Tensor, ids: Tensor) -> None:
        if ON_GPU:
            grad_words.add_(torch.embedding_dense_backward(grad_rows, ids, grad_words.size(0), PAD, False))
        else:
            grad_words.index_add_(0, ids, grad_rows)
            grad_words[PAD].zero_()  # padding has no gradient

    # Sets the rows of these tokens, int32[n], to zero
    def clear_rows(self, grad_words: Tensor, ids: Tensor) -> Tensor:
        return grad_words.index_fill_(0, ids.to(INT64).to(grad_words.device), 0)

    # Adds gradients to sums in place, parameter by parameter
    def accumulate(self, sums: List[Tensor], grads: List[Tensor]) -> Tensor:
        torch._foreach_add_(sums, grads)
        return sums[0].detach()

    # The loss of hidden states, [N, H]
    def loss_of(self, x: Tensor, parameters: Parameters, targets: Dict[str, Tensor]) -> Tensor:
        candidates = self.move(targets["candidates"], parameters)  # int32[B, C]
        labels = self.move(targets["labels"], parameters)  # int64[2, B]
        return self.loss(self.span_logits(x, parameters.head), candidates, labels, targets["scale"])  # []

    # The gradients as gradients_of returns them. Autograd records a layer in parts.
    def gradients_by_layer(
        self, w: List[Tensor], given: Dict[str, Tensor], targets: Dict[str, Tensor], grad_words: Tensor
    ) -> List[Tensor]:
        parameters = self.parameters_of(w)
        batch = self.batch_of(given, parameters)
        groups = batch.groups
        layers = parameters.layers
        masks = self.masks_of(self.move(targets["masks"], parameters), batch, len(layers))

        words = self.leaf(self.look_up(batch, parameters.embeddings))  # [N, H]
        embedded = self.drop(self.embed(words, batch, parameters.embeddings), masks.embeddings, True)  # [N, H]
        x = self.leaf(embedded)  # [N, H]
        activations: List[Activations] = []
        for i, layer in enumerate(layers):
            done = self.layer_forward(x, layer, batch, masks.layers[i])
            activations.append(done)
            x = self.leaf(done.output)  # [N, H]
        head = parameters.head
        loss = self.loss_of(x, parameters, targets)  # []

        grads_head = self.backward(loss, torch.ones_like(loss), [x, head.weight, head.bias])
        grad_output = grads_head[0]  # [N, H]
        grads_by_layer: List[List[Tensor]] = []
        for back in range(len(layers)):
            i = len(layers) - 1 - back
            grads = self.layer_backward(activations.pop(), grad_output, layers[i], groups, masks.layers[i])
            grad_output = grads[0]  # [N, H]
            grads_by_layer.append(grads[1:])
        grads_embeddings = self.backward(embedded, grad_output, [words] + w[1:EMBEDDINGS_PARAMETERS])
        self.add_rows(grad_words, grads_embeddings[0], batch.ids)
        result = grads_embeddings[1:]
        for _ in range(len(layers)):
            result = result + grads_by_layer.pop()
        return result + grads_head[1:] + [loss.detach()]

    # --- Backward pass with packed attention -------------------------------------------------------------------------

    # Copies and converts tensors by few kernels. libtorch drops the call if nothing reads the list after it.
    def copy(self, tensors: List[Tensor], into: List[Tensor]) -> None:
        torch._foreach_copy_(into, tensors)
        assert len(into) == len(tensors)

    # What autograd differentiates: the parameters; with packed attention each layer in the form of a frozen one, so that
    # its conversion is done once for all micro-batches of a step, by few kernels
    def leaves(self, w: List[Tensor]) -> List[Tensor]:
        if not PACKED_ATTENTION:
            return w
        leaves = w[:EMBEDDINGS_PARAMETERS]
        converted: List[Tensor] = []
        copies: List[Tensor] = []
        originals: List[Tensor] = []
        for layer in self.parameters_of(w).layers:
            made: List[Tensor] = []
            for parts in [
                [layer.query_weight, layer.key_weight, layer.value_weight],
                [layer.query_bias, layer.key_bias, layer.value_bias],
                [layer.attention_output_weight],
                [layer.attention_output_bias],
                [layer.intermediate_weight],
                [layer.intermediate_bias],
                [layer.output_weight],
                [layer.output_bias],
            ]:
                size = parts[0].size()
                size[0] = len(parts) * size[0]
                joined = torch.empty(size, dtype=MATMUL_DTYPE, device=parts[0].device)
                copies = copies + joined.chunk(len(parts), 0)
                made.append(joined)
                for part in parts:
                    originals.append(part.detach())
            none = layer.query_bias.detach()[:0]  # [0]
            leaves = leaves + made[:2] + [none, none, none, none] + made[2:4]
            leaves = leaves + [layer.attention_norm_weight, layer.attention_norm_bias] + made[4:]
            leaves = leaves + [layer.output_norm_weight, layer.output_norm_bias]
            converted = converted + made
        self.copy(originals, copies)
        for joined in converted:
            joined.requires_grad_(True)
        return leaves + w[-HEAD_PARAMETERS:]

    # The gradients of the parameters but the word embeddings, float32, given those of the leaves that are not empty
    def grads_of_parameters(self, grads: List[Tensor]) -> List[Tensor]:
        empty = 4  # leaves of a layer
        each = LAYER_PARAMETERS - empty
        first = EMBEDDINGS_PARAMETERS - 1
        result = grads[:first]
        for begin in range(first, len(grads) - HEAD_PARAMETERS, each):
            weights = grads[begin].chunk(3, 0)  # [H, H] each
            biases = grads[begin + 1].chunk(3, 0)  # [H] each
            for i in range(3):
                result = result + [weights[i], biases[i]]
            result = result + grads[begin + 2 : begin + each]
        return self.widened(result + grads[-HEAD_PARAMETERS:])

    # The same values as float32, converted by few kernels
    def widened(self, tensors: List[Tensor]) -> List[Tensor]:
        result: List[Tensor] = []
        narrow: List[Tensor] = []
        wide: List[Tensor] = []
        for x in tensors:
            if x.dtype == FLOAT32:
                result.append(x)
            else:
                copy = torch.empty(x.size(), dtype=FLOAT32, device=x.device)
                narrow.append(x)
                wide.append(copy)
                result.append(copy)
        if len(narrow) > 0:
            self.copy(narrow, wide)
        return result

    # Like gradients_by_layer, but autograd records everything at once
    def gradients_at_once(
        self, leaves: List[Tensor], given: Dict[str, Tensor], targets: Dict[str, Tensor], grad_words: Tensor
    ) -> List[Tensor]:
        parameters = self.parameters_of(leaves)
        batch = self.batch_of(given, parameters)
        no_masks = LayerMasks([], None, None)
        words = self.leaf(self.look_up(batch, parameters.embeddings))  # [N, H]
        x = self.drop(self.embed(words, batch, parameters.embeddings), None, True)  # [N, H]
        for layer in parameters.layers:
            context = self.attend(self.project(x, layer), batch, ATTENTION_DROPOUT)  # [N, H]
            x = self.feed_forward(x, context, layer, no_masks, True)  # [N, H]
        loss = self.loss_of(x, parameters, targets)  # []
        wanted = [words]
        for leaf in leaves[1:]:
            if leaf.numel() > 0:
                wanted.append(leaf)
        grads = self.backward(loss, torch.ones_like(loss), wanted)
        self.add_rows(grad_words, grads[0], batch.ids)
        return self.grads_of_parameters(grads[1:]) + [loss.detach()]

    # --- Gradients ---------------------------------------------------------------------------------------------------

    # Adds the word embeddings' gradient to grad_words, [vocabulary, H]. Returns the gradients of a micro-batch's loss with
    # respect to the other parameters, float32, then the loss.
    def gradients_of(
        self, leaves: List[Tensor], given: Dict[str, Tensor], targets: Dict[str, Tensor], grad_words: Tensor
    ) -> List[Tensor]:
        if DEVICE_DROPOUT:
            torch.manual_seed(int(targets["seed"]))
        if PACKED_ATTENTION:
            return self.gradients_at_once(leaves, given, targets, grad_words)
        return self.gradients_by_layer(leaves, given, targets, grad_words)

    # The same, given the parameters
    def gradients(
        self, w: List[Tensor], given: Dict[str, Tensor], targets: Dict[str, Tensor], grad_words: Tensor
    ) -> List[Tensor]:
        return self.gradients_of(self.leaves(w), given, targets, grad_words)
