"""Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv 1711.05101, algorithm 2).

A TorchScript program that io.sparkqa.torch.TorchProgram loads: functions under `torch` are ATen's, by their ATen names.
"""
from typing import List

import torch
from torch import Tensor
from torch.nn import Module

BETA1 = 0.9
BETA2 = 0.999
EPS = 1e-8  # added after the square root of the corrected second moment

FLOAT32 = 6  # c10::ScalarType


class AdamW(Module):
    training: bool

    # The global L2 norm, float32[]
    def norm(self, grads: List[Tensor]) -> Tensor:
        return torch.norm(torch.stack(torch._foreach_norm(grads, 2)), 2)

    # Updates parameters and moments in place and scales the gradients so that their norm is at most the greatest norm.
    # The settings are learning rate, weight decay, number of this update from 1, greatest norm.
    def update(
        self,
        parameters: List[Tensor],
        grads: List[Tensor],
        exp_avgs: List[Tensor],
        exp_avg_sqs: List[Tensor],
        norm: Tensor,
        settings: Tensor,
    ) -> Tensor:
        step = torch.full([], float(settings[2]), dtype=FLOAT32, device=norm.device)  # []
        steps: List[Tensor] = []
        for _ in range(len(parameters)):
            steps.append(step)
        excess = ((norm + 1e-6) / float(settings[3])).clamp_min(1.0)  # []
        torch._fused_adamw_(
            parameters,
            grads,
            exp_avgs,
            exp_avg_sqs,
            [],
            steps,
            lr=float(settings[0]),
            beta1=BETA1,
            beta2=BETA2,
            weight_decay=float(settings[1]),
            eps=EPS,
            amsgrad=False,
            maximize=False,
            grad_scale=excess,
        )
        return step
