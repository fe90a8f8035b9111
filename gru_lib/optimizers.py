"""Three rules that turn gradients into a step of the weights: SGD with momentum, RMSprop, Adam.

All three are written as in their sources, and `update(weights, grads)` is all a training loop needs to know of one.
With g the gradient of a weight w and eta the learning rate, each array by itself, elementwise:

    SGD        v = momentum v - eta g                     w = w + v, or with nesterov w = w + momentum v - eta g
    RMSprop    s = rho s + (1 - rho) g^2                  w = w - eta g / (sqrt(s) + epsilon)
    Adam       m = beta_1 m + (1 - beta_1) g              w = w - eta m_hat / (sqrt(v_hat) + epsilon)
               v = beta_2 v + (1 - beta_2) g^2            m_hat = m / (1 - beta_1^t), v_hat = v / (1 - beta_2^t)

Keras differs in epsilon alone. Its RMSprop divides by sqrt(s + epsilon), so that a small gradient is damped from
|g| = sqrt(epsilon) on and not from epsilon on. Its Adam adds epsilon before the correction of v: Keras' epsilon is
the epsilon-hat at the end of the paper's section 2, epsilon sqrt(1 - beta_2^t) in the terms used here.
"""

import numpy as np


class _Optimizer:
    """The checks all rules share; a rule writes `_move`, what is added to one weight."""

    def __init__(self, **options):
        self.t = 0
        for name, value in options.items():
            # a plain float: a NumPy scalar would turn the arithmetic of float32 weights into float64
            setattr(self, name, value if isinstance(value, bool) else float(value))
        self._options = tuple(options)

    def __repr__(self):
        options = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._options)
        return f"{type(self).__name__}({options})"

    def update(self, weights, grads):
        """Change the arrays of `weights` in place, one step against `grads` (same names and shapes).

        Raises ValueError if names or shapes differ; no weight has changed then.
        """
        if set(weights) != set(grads):
            raise ValueError(f"weights and gradients differ in the names {sorted(set(weights) ^ set(grads))}")
        for name, weight in weights.items():
            if np.shape(grads[name]) != weight.shape:
                came = np.shape(grads[name])
                raise ValueError(f"the gradient of {name} must have shape {weight.shape}, not {came}")
        self.t += 1
        for name, weight in weights.items():
            weight += self._move(name, grads[name])

    def _move(self, name, g):
        raise NotImplementedError


class SGD(_Optimizer):
    """Stochastic gradient descent; with momentum (Polyak 1964), or Nesterov's (Sutskever et al. 2013, section 2).

    `momentum` 0 is plain descent. With `nesterov=True` the weights are the point that looks ahead, where Sutskever
    et al. take the gradient (their equations 3 and 4); this shifted form is equation 7 of Bengio et al. 2013 (arXiv
    1212.0901), and Keras' too.
    Raises ValueError unless learning_rate > 0 and 0 <= momentum < 1, or for nesterov=True without momentum.
    """

    def __init__(self, learning_rate=0.01, momentum=0.0, nesterov=False):
        _above_0(learning_rate=learning_rate)
        _share(momentum=momentum)
        if nesterov and momentum == 0:
            raise ValueError("nesterov=True looks ahead along the momentum: momentum must be above 0, not 0")
        super().__init__(learning_rate=learning_rate, momentum=momentum, nesterov=bool(nesterov))
        self.v = {}

    def _move(self, name, g):
        if self.momentum == 0:
            return -self.learning_rate * g
        v = self.v[name] = self.momentum * self.v.get(name, 0) - self.learning_rate * g
        return self.momentum * v - self.learning_rate * g if self.nesterov else v


class RMSprop(_Optimizer):
    """RMSprop (Tieleman and Hinton 2012, Neural Networks for Machine Learning, lecture 6e): steps of gradient over rms.

    `rho` is how much of the mean square is kept at each step, 0.9 in the lecture, which has no epsilon; here it
    stands beside the root, as in Adam. The mean square starts at 0 and is not corrected for that: the first step is
    learning_rate / sqrt(1 - rho) long.
    Raises ValueError unless learning_rate > 0, 0 <= rho < 1 and epsilon > 0.
    """

    def __init__(self, learning_rate=0.001, rho=0.9, epsilon=1e-7):
        _above_0(learning_rate=learning_rate, epsilon=epsilon)
        _share(rho=rho)
        super().__init__(learning_rate=learning_rate, rho=rho, epsilon=epsilon)
        self.s = {}

    def _move(self, name, g):
        s = self.s[name] = self.rho * self.s.get(name, 0) + (1 - self.rho) * g * g
        return -self.learning_rate * g / (np.sqrt(s) + self.epsilon)


class Adam(_Optimizer):
    """Adam (Kingma and Ba 2015, arXiv 1412.6980, algorithm 1), with the paper's defaults.

    Raises ValueError unless learning_rate > 0, 0 <= beta_1, beta_2 < 1 and epsilon > 0.
    """

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-8):
        _above_0(learning_rate=learning_rate, epsilon=epsilon)
        _share(beta_1=beta_1, beta_2=beta_2)
        super().__init__(learning_rate=learning_rate, beta_1=beta_1, beta_2=beta_2, epsilon=epsilon)
        self.m, self.v = {}, {}

    def _move(self, name, g):
        m = self.m[name] = self.beta_1 * self.m.get(name, 0) + (1 - self.beta_1) * g
        v = self.v[name] = self.beta_2 * self.v.get(name, 0) + (1 - self.beta_2) * g * g
        m_hat = m / (1 - self.beta_1**self.t)
        v_hat = v / (1 - self.beta_2**self.t)
        return -self.learning_rate * m_hat / (np.sqrt(v_hat) + self.epsilon)


def _above_0(**options):
    for name, value in options.items():
        if not 0 < value < np.inf:
            raise ValueError(f"{name} must be above 0, not {value}")


def _share(**options):
    for name, value in options.items():
        if not 0 <= value < 1:
            raise ValueError(f"{name} must be at least 0 and below 1, not {value}")
