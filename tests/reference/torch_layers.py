"""Our CNN and MLP in plain PyTorch: `config` is the model object of a training configuration.

    import json, torch_layers, torch_vit
    config = json.load(open("runs/a/config.json"))
    model = torch_layers.LayerStack(config["model"], channels=1, height=28, width=28, classes=10)
    model.load_state_dict(torch_vit.read_safetensors("runs/a/weights.safetensors"))

Dropout has the configuration's rate while the model trains.
"""
import torch
from torch import nn


class LayerStack(nn.Module):
    def __init__(self, config, channels, height, width, classes):
        super().__init__()
        x, layers = torch.zeros(1, channels, height, width), []
        for spec in config["layers"]:
            layer = self.layer(spec, x, config["dropout"])
            for parameter in layer.parameters():
                parameter.requires_grad = not spec["frozen"]
            with torch.no_grad():
                x = self.through(layer, x)
            layers.append(layer)
        self.layers = nn.Sequential(*layers)
        self.head = nn.Linear(x.numel(), classes)

    @staticmethod
    def layer(spec, x, dropout):
        window = {name: spec.get(name) for name in ("stride", "padding")}
        return {"conv": lambda: nn.Conv2d(x.shape[1], spec["filters"], spec["kernel"], **window),
                "max_pool": lambda: nn.MaxPool2d(spec["kernel"], **window),
                "average_pool": lambda: nn.AvgPool2d(spec["kernel"], **window),
                "dense": lambda: nn.Linear(x.numel(), spec["units"]),
                "relu": nn.ReLU, "gelu": nn.GELU, "dropout": lambda: nn.Dropout(dropout)}[spec["kind"]]()

    @staticmethod
    def through(layer, x):
        return layer(x.flatten(1) if isinstance(layer, nn.Linear) else x)

    def forward(self, images):
        x = images
        for layer in self.layers:
            x = self.through(layer, x)
        return self.head(x.flatten(1))
