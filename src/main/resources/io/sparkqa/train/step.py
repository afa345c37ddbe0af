"""A whole optimizer step in one call, so that a GPU does not wait for Java between the step's parts.

A TorchScript program that io.sparkqa.torch.TorchProgram loads: functions under `torch` are ATen's, by their ATen names.
"""
from typing import Dict, List

import torch
from torch import Tensor
from torch.nn import Module

from ..model.roberta import Roberta
from .adamw import AdamW


class Step(Module):
    training: bool
    network: Roberta
    optimizer: AdamW

    # The entries of one micro-batch among those of all, which bear its number before their names: 0/ids, 1/ids
    def entries(self, among: Dict[str, Tensor], batch: int) -> Dict[str, Tensor]:
        number = str(batch) + "/"
        found: Dict[str, Tensor] = {}
        for name in among.keys():
            if name.startswith(number):
                found[name[len(number) :]] = among[name]
        return found

    # The elements of a list that belong to parameters with or without weight decay. Biases and LayerNorm's parameters are
    # vectors and do not decay.
    def pick(self, tensors: List[Tensor], decaying: bool) -> List[Tensor]:
        picked: List[Tensor] = []
        for x in tensors:
            if (x.dim() > 1) == decaying:
                picked.append(x)
        return picked

    # Updates parameters and moments in place. Returns the micro-batches' losses, then the norm of the gradients before
    # clipping: float32[M + 1]. The settings are those of AdamW's update, for parameters with and without weight decay.
    def step(
        self,
        parameters: List[Tensor],
        exp_avgs: List[Tensor],
        exp_avg_sqs: List[Tensor],
        given: Dict[str, Tensor],
        targets: Dict[str, Tensor],
        batches: Tensor,
        decaying: Tensor,
        constant: Tensor,
    ) -> Tensor:
        leaves = self.network.leaves(parameters)
        grad_words = torch.zeros_like(parameters[0])
        sums: List[Tensor] = []
        figures: List[Tensor] = []
        for i in range(int(batches)):
            grads = self.network.gradients_of(leaves, self.entries(given, i), self.entries(targets, i), grad_words)
            figures.append(grads.pop())
            if i == 0:
                sums = grads
            else:
                self.network.accumulate(sums, grads)
        torch.set_grad_enabled(False)
        sums = [grad_words] + sums
        norm = self.optimizer.norm(sums)
        for decays in [True, False]:
            self.optimizer.update(
                self.pick(parameters, decays),
                self.pick(sums, decays),
                self.pick(exp_avgs, decays),
                self.pick(exp_avg_sqs, decays),
                norm,
                decaying if decays else constant,
            )
        return torch.stack(figures + [norm])
