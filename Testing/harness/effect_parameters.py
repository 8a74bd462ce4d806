"""Parameters and node references of an effect, kept as attributes and references of the editor node."""

from __future__ import annotations

from Testing.harness.util import fault


class Parameters:
    """Part of `scriptedEffect`: `name` and `_node` are the effect's."""

    def scene(self):
        return self._node.GetScene() if self._node else None

    def parameterSetNode(self):
        return self._node

    def setParameterSetNode(self, node):
        self._node = node

    def parameter(self, name):
        if self._node is None:
            return ""
        value = self._node.GetAttribute(f"{self.name}.{name}")
        value = self._node.GetAttribute(name) if value is None else value
        if value is None:
            fault(f"parameter {name} cannot be found for effect {self.name}")
        return value or ""

    def _number(self, name, kind):
        if self._node is None:
            return kind()
        try:
            return kind(self.parameter(name))
        except ValueError:
            fault(f"parameter {name} cannot be converted to {kind.__name__}")
            return kind()

    def integerParameter(self, name):
        return self._number(name, int)

    def doubleParameter(self, name):
        return self._number(name, float)

    def parameterDefined(self, name):
        return self.commonParameterDefined(f"{self.name}.{name}")

    def commonParameterDefined(self, name):
        return bool(self._node and self._node.GetAttribute(name))

    def setParameter(self, name, value):
        self.setCommonParameter(f"{self.name}.{name}", value)

    def setParameterDefault(self, name, value):
        self.setCommonParameterDefault(f"{self.name}.{name}", value)

    def setCommonParameterDefault(self, name, value):
        if not self.commonParameterDefined(name):
            self.setCommonParameter(name, value)

    def setCommonParameter(self, name, value):
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise TypeError(f"no overload of setParameter takes {value!r}; pass str, int or float")
        if self._node is None:
            fault(f"invalid segment editor parameter set node set to effect {self.name}")
            return
        # Six digits is what the application keeps of a double.
        value = f"{value:.6g}" if isinstance(value, float) else str(value)
        old = self._node.GetAttribute(name)
        if (old is None and not value) or old == value:
            return
        state = self._node.GetDisableModifiedEvent()
        self._node.SetDisableModifiedEvent(1)
        self._node.SetAttribute(name, value)
        self._node.SetDisableModifiedEvent(state)
        self._node.InvokeCustomModifiedEvent(self._node.EffectParameterModified)

    def nodeReference(self, name):
        if self._node is None:
            return None
        return self._node.GetNodeReference(f"{self.name}.{name}") or self._node.GetNodeReference(name)

    def setNodeReference(self, name, node):
        self.setCommonNodeReference(f"{self.name}.{name}", node)

    def setCommonNodeReference(self, name, node):
        if node is not self._node.GetNodeReference(name):
            self._node.SetNodeReferenceID(name, node.GetID() if node else None)
            self._node.InvokeCustomModifiedEvent(self._node.EffectParameterModified)
