"""What of a project's code is part of an artifact's identity, and what is not.

Each row is a small package, one edit of it, and the function that a recipe runs. The edit
either changes what that function returns, and then its identity must change (0 stale), or it
does not concern the function at all, and then it must not (0 over-builds).
"""

import functools
import importlib
import sys
import textwrap

import pytest

from tasks.engine import distributions
from tasks.engine.errors import HiddenCode, RecipeError
from tasks.engine.reach import Reader
from tasks.engine.recipe import Cook, unwrap


class Package:
    """A package `plot` in a folder, imported afresh after every edit."""

    def __init__(self, folder, monkeypatch):
        self.folder = folder / "plot"
        self.folder.mkdir()
        (self.folder / "__init__.py").touch()
        monkeypatch.syspath_prepend(folder)
        monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def write(self, **modules):
        for name, text in modules.items():
            path = self.folder / (name.replace("__in_", "/") + ".py")
            path.parent.mkdir(exist_ok=True)
            path.write_text(textwrap.dedent(text))

    def edit(self, old, new):
        paths = [path for path in self.folder.rglob("*.py") if old in path.read_text()]
        assert paths, f"{old!r} is nowhere"
        for path in paths:
            path.write_text(path.read_text().replace(old, new))

    def recipe(self, name="main:recipe"):
        """The recipe, imported as a fresh process would."""
        self.forget()
        module, _, function = name.partition(":")
        return getattr(importlib.import_module(f"plot.{module}"), function)()

    def describe(self, name="main:recipe"):
        return Cook(Reader(("plot",))).describe(self.recipe(name))

    def forget(self):
        for name in [name for name in sys.modules if name.partition(".")[0] == "plot"]:
            del sys.modules[name]
        importlib.invalidate_caches()
        distributions.find_module.cache_clear()
        distributions.version_of.cache_clear()


@pytest.fixture
def plot(tmp_path, monkeypatch):
    package = Package(tmp_path, monkeypatch)
    yield package
    package.forget()


#: name -> (modules, old, new): edits that change what the recipe returns.
MATTERS = {
    "a shadowed builtin": ({"main": """
        def max(values): return 1
        def fit(): return max([3])
        def recipe(): return fit
        """}, "return 1", "return 2"),
    "a name in a comprehension's condition": ({"main": """
        LIMIT = 2
        def fit(): return [x for x in range(5) if x < LIMIT]
        def recipe(): return fit
        """}, "LIMIT = 2", "LIMIT = 3"),
    "the iterable of a comprehension that reuses its name": ({"main": """
        x = [1]
        def fit(): return [x for x in x]
        def recipe(): return fit
        """}, "x = [1]", "x = [2]"),
    "a name that a class body reads": ({"main": """
        RATE = 1
        class Model:
            rate = RATE
        def fit(): return Model().rate
        def recipe(): return fit
        """}, "RATE = 1", "RATE = 2"),
    "a name that is a class's own in its body and a global in its methods": ({"main": """
        rate = 1
        class Model:
            rate = 10
            def fit(self): return rate
        def fit(): return Model().fit()
        def recipe(): return fit
        """}, "rate = 1\n", "rate = 2\n"),
    "an import inside a function": ({"main": """
        def fit():
            from plot.helpers import rate
            return rate()
        def recipe(): return fit
        """, "helpers": "def rate(): return 1\n"}, "return 1", "return 2"),
    "a module imported inside a function": ({"main": """
        def fit():
            import plot.helpers as tools
            return tools.rate()
        def recipe(): return fit
        """, "helpers": "def rate(): return 1\n"}, "return 1", "return 2"),
    "a star import": ({"main": """
        from plot.helpers import *
        def fit(): return rate()
        def recipe(): return fit
        """, "helpers": "def rate(): return 1\n"}, "return 1", "return 2"),
    "a star import of a star import": ({"main": """
        from plot.helpers import *
        def fit(): return rate()
        def recipe(): return fit
        """, "helpers": "from plot.deep import *\n", "deep": "def rate(): return 1\n"},
        "return 1", "return 2"),
    "star imports in a circle": ({"main": """
        from plot.helpers import *
        def fit(): return rate() + len([lost for lost in []])
        def recipe(): return fit
        """, "helpers": "from plot.deep import *\ndef other(): return 3\n",
        "deep": "from plot.helpers import *\ndef rate(): return 1\n"}, "return 1", "return 2"),
    "a relative import": ({"main": """
        from .helpers import rate
        def fit(): return rate()
        def recipe(): return fit
        """, "helpers": "def rate(): return 1\n"}, "return 1", "return 2"),
    "a relative import of a module": ({"main": """
        from . import helpers
        def fit(): return helpers.rate()
        def recipe(): return fit
        """, "helpers": "def rate(): return 1\n"}, "return 1", "return 2"),
    "a relative import from the package above": ({"main": """
        from plot.inner.part import fit
        def recipe(): return fit
        """, "inner__in___init__": "", "inner__in_part": """
        from ..helpers import rate
        def fit(): return rate()
        """, "helpers": "def rate(): return 1\n"}, "return 1", "return 2"),
    "a re-export through __init__": ({"main": """
        from plot.inner import rate
        def fit(): return rate()
        def recipe(): return fit
        """, "inner__in___init__": "from plot.inner.part import rate\n",
        "inner__in_part": "def rate(): return 1\n"}, "return 1", "return 2"),
    "a re-export through __init__ under another name": ({"main": """
        import plot.inner as parts
        def fit(): return parts.speed()
        def recipe(): return fit
        """, "inner__in___init__": "from .part import rate as speed\n",
        "inner__in_part": "def rate(): return 1\n"}, "return 1", "return 2"),
    "import a.b as c": ({"main": """
        import plot.inner.part as c
        def fit(): return c.rate()
        def recipe(): return fit
        """, "inner__in___init__": "", "inner__in_part": "def rate(): return 1\n"},
        "return 1", "return 2"),
    "import a.b": ({"main": """
        import plot.inner.part
        def fit(): return plot.inner.part.rate()
        def recipe(): return fit
        """, "inner__in___init__": "", "inner__in_part": "def rate(): return 1\n"},
        "return 1", "return 2"),
    "getattr with a literal name": ({"main": """
        from plot import helpers
        def fit(): return getattr(helpers, "rate")()
        def recipe(): return fit
        """, "helpers": "def rate(): return 1\n"}, "return 1", "return 2"),
    "a registry filled by statements": ({"main": """
        def one(): return 1
        TABLE = {}
        TABLE["one"] = one
        def fit(): return TABLE["one"]()
        def recipe(): return fit
        """}, "return 1", "return 2"),
    "a registry filled in a loop": ({"main": """
        def one(): return 1
        TABLE = []
        for each in (one,):
            TABLE.append(each)
        def fit(): return TABLE[0]()
        def recipe(): return fit
        """}, "return 1", "return 2"),
    "a registry filled by a decorator": ({"main": """
        TABLE = {}
        def register(function):
            TABLE[function.__name__] = function
            return function
        @register
        def one(): return 1
        def fit(): return TABLE["one"]()
        def recipe(): return fit
        """}, "return 1", "return 2"),
    "a registry filled by a decorator with an argument": ({"main": """
        TABLE = {}
        def register(name):
            def keep(function):
                TABLE[name] = function
                return function
            return keep
        @register("one")
        def one(): return 1
        def fit(): return TABLE["one"]()
        def recipe(): return fit
        """}, "return 1", "return 2"),
    "a registry filled by a decorator from another module": ({"main": """
        from plot import helpers, parts
        def fit(): return helpers.TABLE["one"]()
        def recipe(): return fit
        """, "helpers": """
        TABLE = {}
        def register(function):
            TABLE[function.__name__] = function
            return function
        """, "parts": """
        from plot.helpers import register
        @register
        def one(): return 1
        """}, "return 1", "return 2"),
    "a registry filled by a method used as decorator": ({"main": """
        class Registry:
            def __init__(self): self.known = {}
            def add(self, function):
                self.known[function.__name__] = function
                return function
        TABLE = Registry()
        @TABLE.add
        def one(): return 1
        def fit(): return TABLE.known["one"]()
        def recipe(): return fit
        """}, "return 1", "return 2"),
    "a registry filled by a function that is called": ({"main": """
        TABLE = {}
        def register(name, function):
            TABLE[name] = function
        def one(): return 1
        register("one", one)
        def fit(): return TABLE["one"]()
        def recipe(): return fit
        """}, "return 1", "return 2"),
    "single dispatch": ({"main": """
        import functools
        @functools.singledispatch
        def area(shape): return 0
        @area.register
        def _(shape: int): return 1
        def fit(): return area(3)
        def recipe(): return fit
        """}, "return 1", "return 2"),
    "subclasses that register themselves": ({"main": """
        class Rule:
            known = {}
            def __init_subclass__(cls): Rule.known[cls.__name__] = cls
        class One(Rule):
            def apply(self): return 1
        def fit(): return Rule.known["One"]().apply()
        def recipe(): return fit
        """}, "return 1", "return 2"),
    "a global set by a function that is called": ({"main": """
        RATE = 0
        def configure():
            global RATE
            RATE = 1
        configure()
        def fit(): return RATE
        def recipe(): return fit
        """}, "RATE = 1", "RATE = 2"),
    "which of two lambdas": ({"main": """
        def make(which): return [lambda: 1, lambda: 2][which]
        def recipe(): return make(0)
        """}, "make(0)", "make(1)"),
    "one of two functions made by the same function": ({"main": """
        import functools
        def make(factor):
            def inner(): return factor
            return inner
        def fit(a, b): return [a(), b()]
        def recipe(): return functools.partial(fit, a=make(1), b=make(2))
        """}, "make(1)", "make(3)"),
    "a lambda that a module-level function makes": ({"main": """
        def recipe(): return lambda: 1
        """}, "lambda: 1", "lambda: 2"),
    "a lambda with a name": ({"main": """
        fit = lambda: 1
        def recipe(): return fit
        """}, "lambda: 1", "lambda: 2"),
    "an inner function that calls itself": ({"main": """
        def make(last):
            def inner(n=3): return inner(n - 1) if n else last
            return inner
        def recipe(): return make(1)
        """}, "make(1)", "make(2)"),
    "the text of a bound method": ({"main": """
        import functools
        def fit(join): return join(["a", "b"])
        def recipe(): return functools.partial(fit, join=",".join)
        """}, '",".join', '" ".join'),
    "the text of a bound method as recipe": ({"main": """
        def recipe(): return "abc".upper
        """}, "abc", "abd"),
    "a constant registered by a call": ({"main": """
        TABLE = {}
        def register(name, value): TABLE[name] = value
        register("rate", 1)
        def fit(): return TABLE["rate"]
        def recipe(): return fit
        """}, '"rate", 1', '"rate", 2'),
    "an optional module that is not there": ({"main": """
        try:
            import plot.absent as fast
        except ImportError:
            fast = None
        def fit(): return 1 if fast is None else 2
        def recipe(): return fit
        """}, "1 if", "3 if"),
    "an attribute of an imported module set by a statement": ({"main": """
        from plot import helpers
        helpers.rates["a"] = 1
        def fit(): return helpers.rates["a"]
        def recipe(): return fit
        """, "helpers": "rates = {}\n"}, '"] = 1', '"] = 2'),
    "a recursion across modules": ({"main": """
        from plot import helpers
        def down(n): return helpers.step(n) if n else 1
        def fit(): return down(3)
        def recipe(): return fit
        """, "helpers": """
        def step(n):
            from plot.main import down
            return down(n - 1)
        """}, "else 1", "else 2"),
    "a module-level instance": ({"main": """
        class Scaler:
            def __init__(self, by): self.by = by
            def apply(self, x): return x * self.by
        SCALER = Scaler(2)
        def fit(): return SCALER.apply(3)
        def recipe(): return fit
        """}, "Scaler(2)", "Scaler(3)"),
    "a method of a module-level instance": ({"main": """
        from plot.helpers import Scaler
        SCALER = Scaler()
        def fit(): return SCALER.apply(3)
        def recipe(): return fit
        """, "helpers": "class Scaler:\n    def apply(self, x): return x * 2\n"}, "x * 2", "x * 3"),
    "a class attribute set by a statement": ({"main": """
        class Scaler: pass
        Scaler.by = 2
        def fit(): return Scaler.by
        def recipe(): return fit
        """}, "by = 2", "by = 3"),
    "an attribute of a function": ({"main": """
        def fit(): return fit.by
        fit.by = 2
        def recipe(): return fit
        """}, "by = 2", "by = 3"),
    "a property": ({"main": """
        class Scaler:
            @property
            def by(self): return 2
        def fit(): return Scaler().by
        def recipe(): return fit
        """}, "return 2", "return 3"),
    "inheritance across modules": ({"main": """
        from plot.helpers import Base
        class Child(Base): pass
        def fit(): return Child().by()
        def recipe(): return fit
        """, "helpers": "class Base:\n    def by(self): return 2\n"}, "return 2", "return 3"),
    "a metaclass": ({"main": """
        from plot.helpers import Meta
        class Child(metaclass=Meta): pass
        def fit(): return Child.by
        def recipe(): return fit
        """, "helpers": """
        class Meta(type):
            def __new__(cls, *parts):
                made = super().__new__(cls, *parts)
                made.by = 2
                return made
        """}, "by = 2", "by = 3"),
    "an enum's value": ({"main": """
        import enum
        class Kind(enum.Enum):
            HERB = 1
        def fit(): return Kind.HERB.value
        def recipe(): return fit
        """}, "HERB = 1", "HERB = 2"),
    "a constant computed from a constant in another module": ({"main": """
        from plot.helpers import HOUR
        DAY = 24 * HOUR
        def fit(): return DAY
        def recipe(): return fit
        """, "helpers": "HOUR = 60 * 60\n"}, "60 * 60", "60 * 61"),
    "a constant computed by a function": ({"main": """
        from plot.helpers import hours
        DAY = hours(24)
        def fit(): return DAY
        def recipe(): return fit
        """, "helpers": "def hours(n): return n * 60\n"}, "n * 60", "n * 61"),
    "a name used only in a default argument": ({"main": """
        LIMIT = 1
        def fit(limit=LIMIT): return limit
        def recipe(): return fit
        """}, "LIMIT = 1", "LIMIT = 2"),
    "a name used only in a keyword-only default": ({"main": """
        LIMIT = 1
        def fit(*, limit=LIMIT): return limit
        def recipe(): return fit
        """}, "LIMIT = 1", "LIMIT = 2"),
    "a name used only in a lambda's default": ({"main": """
        LIMIT = 1
        def fit(): return (lambda limit=LIMIT: limit)()
        def recipe(): return fit
        """}, "LIMIT = 1", "LIMIT = 2"),
    "a decorator without wraps": ({"main": """
        from plot.helpers import double
        @double
        def fit(): return 1
        def recipe(): return fit
        """, "helpers": """
        def double(function):
            def inner(): return 2 * function()
            return inner
        """}, "2 * function", "3 * function"),
    "a function under a decorator without wraps": ({"main": """
        from plot.helpers import double
        @double
        def fit(): return 1
        def recipe(): return fit
        """, "helpers": """
        def double(function):
            def inner(): return 2 * function()
            return inner
        """}, "return 1", "return 5"),
    "a decorator with wraps": ({"main": """
        from plot.helpers import double
        @double
        def fit(): return 1
        def recipe(): return fit
        """, "helpers": """
        import functools
        def double(function):
            @functools.wraps(function)
            def inner(): return 2 * function()
            return inner
        """}, "2 * function", "3 * function"),
    "a decorator's constant argument": ({"main": """
        from plot.helpers import times
        FACTOR = 2
        @times(FACTOR)
        def fit(): return 1
        def recipe(): return fit
        """, "helpers": """
        def times(factor):
            def wrap(function):
                def inner(): return factor * function()
                return inner
            return wrap
        """}, "FACTOR = 2", "FACTOR = 3"),
    "a function wrapped by a statement": ({"main": """
        from plot.helpers import times
        def fit(): return 1
        faster = times(2)(fit)
        def recipe(): return faster
        """, "helpers": """
        import functools
        def times(factor):
            def wrap(function):
                @functools.wraps(function)
                def inner(): return factor * function()
                return inner
            return wrap
        """}, "times(2)", "times(3)"),
    "the wrapper of a function wrapped by a statement": ({"main": """
        from plot.helpers import times
        def fit(): return 1
        faster = times(2)(fit)
        def recipe(): return faster
        """, "helpers": """
        import functools
        def times(factor):
            def wrap(function):
                @functools.wraps(function)
                def inner(): return factor * function()
                return inner
            return wrap
        """}, "factor * function()", "factor + function()"),
    "a function wrapped where the recipe is made": ({"main": """
        from plot.helpers import times
        def fit(): return 1
        def recipe(): return times(2)(fit)
        """, "helpers": """
        import functools
        def times(factor):
            def wrap(function):
                @functools.wraps(function)
                def inner(): return factor * function()
                return inner
            return wrap
        """}, "times(2)", "times(3)"),
    "a value in a closure": ({"main": """
        def make(factor):
            def inner(): return factor
            return inner
        def recipe(): return make(2)
        """}, "make(2)", "make(3)"),
    "a default of a function made by another": ({"main": """
        def make(factor):
            def inner(by=factor): return by
            return inner
        def recipe(): return make(2)
        """}, "make(2)", "make(3)"),
    "a partial of a partial": ({"main": """
        import functools
        def fit(a, b): return (a, b)
        def recipe(): return functools.partial(functools.partial(fit, a=1), b=2)
        """}, "a=1", "a=3"),
    "a module-level partial": ({"main": """
        import functools
        def fit(a): return a
        half = functools.partial(fit, a=1)
        def other(): return half()
        def recipe(): return other
        """}, "a=1", "a=3"),
    "a method of a dataclass value": ({"main": """
        import dataclasses, functools
        @dataclasses.dataclass(frozen=True)
        class Family:
            price: int
            def worth(self): return self.price * 2
        def fit(family): return family.worth()
        def recipe(): return functools.partial(fit, family=Family(3))
        """}, "price * 2", "price * 3"),
    "a method of a named tuple value": ({"main": """
        import functools, typing
        class Family(typing.NamedTuple):
            price: int
            def worth(self): return self.price * 2
        def fit(family): return family.worth()
        def recipe(): return functools.partial(fit, family=Family(3))
        """}, "price * 2", "price * 3"),
    "a method of a dict value": ({"main": """
        import functools
        class Prices(dict):
            def __missing__(self, name): return 2
        def fit(prices): return prices["lost"]
        def recipe(): return functools.partial(fit, prices=Prices())
        """}, "return 2", "return 3"),
    "a method of a text value": ({"main": """
        import functools
        class Name(str):
            def __len__(self): return 2
        def fit(name): return len(name)
        def recipe(): return functools.partial(fit, name=Name("x"))
        """}, "return 2", "return 3"),
    "a function inside a dict value": ({"main": """
        import functools
        from plot.helpers import mean
        def fit(how): return how["mean"]([4])
        def recipe(): return functools.partial(fit, how={"mean": mean})
        """, "helpers": "def mean(values): return values[0] + 1\n"}, "+ 1", "+ 2"),
    "a function as key of a dict value": ({"main": """
        import functools
        from plot.helpers import mean
        def fit(how): return [key([4]) for key in how]
        def recipe(): return functools.partial(fit, how={mean: 1})
        """, "helpers": "def mean(values): return values[0] + 1\n"}, "+ 1", "+ 2"),
    "a class inside a list value": ({"main": """
        import functools
        from plot.helpers import Mean
        def fit(how): return how[0]().of([4])
        def recipe(): return functools.partial(fit, how=[Mean])
        """, "helpers": "class Mean:\n    def of(self, values): return values[0] + 1\n"},
        "+ 1", "+ 2"),
    "the state of a bound method's object": ({"main": """
        import dataclasses
        @dataclasses.dataclass(frozen=True)
        class Model:
            rate: int
            def fit(self): return self.rate
        def recipe(): return Model(rate=1).fit
        """}, "rate=1", "rate=2"),
    "the subclass of an inherited classmethod": ({"main": """
        class Base:
            @classmethod
            def fit(cls): return cls.rate()
        class Child(Base):
            @classmethod
            def rate(cls): return 1
        def recipe(): return Child.fit
        """}, "return 1", "return 2"),
    "the subclass of an inherited static method": ({"main": """
        class Base:
            @staticmethod
            def fit(): return 1
        class Child(Base): pass
        def recipe(): return Child.fit
        """}, "return 1", "return 2"),
    "another function of the standard library": ({"main": """
        from math import floor as whole
        def fit(): return whole(1.5)
        def recipe(): return fit
        """}, "floor", "ceil"),
    "another module of the standard library under the same name": ({"main": """
        import json as text
        def fit(): return text.dumps("a").__class__.__name__
        def recipe(): return fit
        """}, "import json as", "import pickle as"),
    "another function of a library": ({"main": """
        from tenacity.wait import wait_fixed as wait
        def fit(): return type(wait(1)).__name__
        def recipe(): return fit
        """}, "wait_fixed as", "wait_random as"),
    "two imports that change places": ({"main": """
        from plot.helpers import one as a, two as b
        def fit(): return [a(), b()]
        def recipe(): return fit
        """, "helpers": "def one(): return 1\ndef two(): return 2\n"},
        "one as a, two as b", "two as a, one as b"),
    "a name imported from another module that says the same twice": ({"main": """
        from plot.helpers import one
        def fit(): return one()
        def recipe(): return fit
        """, "helpers": "from plot.deep import a as one, b as two\nTWO = two\nONE = one\n",
        "deep": "def a(): return 1\ndef b(): return 2\n"},
        "a as one, b as two", "b as one, a as two"),
    "the first branch of a conditional import": ({"main": """
        try:
            from plot.fast import rate
        except ImportError:
            from plot.slow import rate
        def fit(): return rate()
        def recipe(): return fit
        """, "fast": "def rate(): return 1\n", "slow": "def rate(): return 5\n"},
        "return 1", "return 2"),
    "the second branch of a conditional import": ({"main": """
        try:
            from plot.absent import rate
        except ImportError:
            from plot.slow import rate
        def fit(): return rate()
        def recipe(): return fit
        """, "slow": "def rate(): return 1\n"}, "return 1", "return 2"),
    "the condition of a conditional import": ({"main": """
        from plot.helpers import FAST
        if FAST:
            from plot.fast import rate
        else:
            from plot.slow import rate
        def fit(): return rate()
        def recipe(): return fit
        """, "helpers": "FAST = True\n", "fast": "def rate(): return 1\n",
        "slow": "def rate(): return 5\n"}, "FAST = True", "FAST = False"),
    "the condition of a definition": ({"main": """
        FAST = True
        if FAST:
            def rate(): return 1
        else:
            def rate(): return 2
        def fit(): return rate()
        def recipe(): return fit
        """}, "FAST = True", "FAST = False"),
    "a conditional import inside a function": ({"main": """
        def fit():
            try:
                from plot.fast import rate
            except ImportError:
                from plot.slow import rate
            return rate()
        def recipe(): return fit
        """, "fast": "def rate(): return 1\n", "slow": "def rate(): return 5\n"},
        "return 1", "return 2"),
    "a module passed on as an object": ({"main": """
        from plot import helpers
        def fit():
            tools = helpers
            return tools.rate()
        def recipe(): return fit
        """, "helpers": "from plot.deep import rate\n", "deep": "def rate(): return 1\n"},
        "return 1", "return 2"),
    "a module's __dict__": ({"main": """
        from plot import helpers
        def fit(): return helpers.__dict__["rate"]()
        def recipe(): return fit
        """, "helpers": "def rate(): return 1\n"}, "return 1", "return 2"),
    "vars of a module": ({"main": """
        from plot import helpers
        def fit(): return vars(helpers)["rate"]()
        def recipe(): return fit
        """, "helpers": "def rate(): return 1\n"}, "return 1", "return 2"),
    "a module-level walrus": ({"main": """
        if (RATE := 1) > 0:
            pass
        def fit(): return RATE
        def recipe(): return fit
        """}, ":= 1", ":= 2"),
    "an unpacked constant": ({"main": """
        LOW, (HIGH, *REST) = 1, (2, 3, 4)
        def fit(): return REST
        def recipe(): return fit
        """}, "3, 4", "3, 5"),
    "an augmented constant": ({"main": """
        RATE = 1
        RATE += 1
        def fit(): return RATE
        def recipe(): return fit
        """}, "RATE += 1", "RATE += 2"),
    "a constant annotated": ({"main": """
        RATE: int = 1
        def fit(): return RATE
        def recipe(): return fit
        """}, "int = 1", "int = 2"),
    "a constant that a with statement makes": ({"main": """
        import contextlib
        with contextlib.nullcontext(1) as RATE:
            pass
        def fit(): return RATE
        def recipe(): return fit
        """}, "nullcontext(1)", "nullcontext(2)"),
    "a constant that a loop makes": ({"main": """
        for RATE in range(3):
            pass
        def fit(): return RATE
        def recipe(): return fit
        """}, "range(3)", "range(4)"),
    "a constant that a match makes": ({"main": """
        match (1, 2):
            case (RATE, _):
                pass
        def fit(): return RATE
        def recipe(): return fit
        """}, "(1, 2)", "(3, 2)"),
    "a setting of a library made by a statement": ({"main": """
        import decimal
        decimal.getcontext().prec = 5
        def fit(): return str(decimal.Decimal(1) / 3)
        def recipe(): return fit
        """}, "prec = 5", "prec = 6"),
    "a function defined again": ({"main": """
        def rate(): return 0
        def rate(): return 1
        def fit(): return rate()
        def recipe(): return fit
        """}, "return 1", "return 2"),
    "a default made by a helper": ({"main": """
        from plot.helpers import limit
        def fit(by=limit()): return by
        def recipe(): return fit
        """, "helpers": "def limit(): return 1\n"}, "return 1", "return 2"),
    "a module's __getattr__": ({"main": """
        from plot import helpers
        def fit(): return helpers.anything
        def recipe(): return fit
        """, "helpers": "def __getattr__(name): return 1\n"}, "return 1", "return 2"),
    "an inner function": ({"main": """
        from plot.helpers import rate
        def fit():
            def inner(): return rate()
            return inner()
        def recipe(): return fit
        """, "helpers": "def rate(): return 1\n"}, "return 1", "return 2"),
    "a cached function": ({"main": """
        import functools
        @functools.cache
        def rate(): return 1
        def fit(): return rate()
        def recipe(): return fit
        """}, "return 1", "return 2"),
    "a recipe that is cached": ({"main": """
        import functools
        @functools.lru_cache
        def fit(): return 1
        def recipe(): return fit
        """}, "return 1", "return 2"),
    "a generator expression in a call": ({"main": """
        STEP = 1
        def fit(): return sum(STEP for _ in range(3))
        def recipe(): return fit
        """}, "STEP = 1", "STEP = 2"),
    "an f-string": ({"main": """
        NAME = "a"
        def fit(): return f"{NAME:>{len(NAME)}}"
        def recipe(): return fit
        """}, 'NAME = "a"', 'NAME = "bb"'),
    "a star argument": ({"main": """
        PAIR = (1, 2)
        def pick(a, b): return a
        def fit(): return pick(*PAIR)
        def recipe(): return fit
        """}, "(1, 2)", "(2, 2)"),
    "a data descriptor in another module": ({"main": """
        from plot.helpers import Rate
        class Model:
            rate = Rate()
        def fit(): return Model().rate
        def recipe(): return fit
        """, "helpers": "class Rate:\n    def __get__(self, *of): return 1\n"},
        "return 1", "return 2"),
}  # fmt: skip


@pytest.mark.parametrize("modules, old, new", MATTERS.values(), ids=MATTERS)
def test_an_edit_that_changes_the_result_changes_the_identity(plot, modules, old, new):
    plot.write(**modules)
    before, value = plot.describe(), str(plot.recipe()())
    assert plot.describe().digest == before.digest, "identity is not even stable"
    plot.edit(old, new)
    assert str(plot.recipe()()) != value, "the row changes nothing"
    after = plot.describe()
    assert after.digest != before.digest
    parts = [(one.values, one.code, one.libraries) for one in (before, after)]
    assert parts[0] != parts[1], "no part of the recipe says what changed"


#: name -> (modules, old, new): edits that do not concern the recipe.
DOES_NOT_MATTER = {
    "another function of the same decorator": ({"main": """
        import functools, logging
        logger = logging.getLogger("plot")
        def timed(function):
            @functools.wraps(function)
            def inner():
                logger.debug("timed")
                return function()
            return inner
        @timed
        def other(): return 1
        @timed
        def fit(): return 3
        def recipe(): return fit
        """}, "return 1", "return 2"),
    "another function with the same helper in its decorator": ({"main": """
        def checked(check):
            return lambda function: function
        def positive(x): return x > 0
        @checked(positive)
        def other(): return 1
        def fit(): return positive(3)
        def recipe(): return fit
        """}, "return 1", "return 2"),
    "a local variable of a global's name": ({"main": """
        RATE = 1
        def fit():
            RATE = 5
            return RATE
        def recipe(): return fit
        """}, "RATE = 1", "RATE = 2"),
    "a parameter of a global's name": ({"main": """
        import functools
        rate = 1
        def fit(rate): return rate
        def recipe(): return functools.partial(fit, rate=3)
        """}, "rate = 1", "rate = 2"),
    "a comprehension's variable of a global's name": ({"main": """
        rate = 1
        def fit(): return [rate for rate in range(2)]
        def recipe(): return fit
        """}, "rate = 1", "rate = 2"),
    "a lambda's walrus": ({"main": """
        def other(): return 1
        def fit(): return (lambda: (n := 3) + n)()
        def recipe(): return fit
        """}, "return 1", "return 2"),
    "the rest of a mapping pattern": ({"main": """
        def other(): return 1
        def fit():
            match {"a": 1, "b": 2}:
                case {"a": _, **rest}:
                    return rest
        def recipe(): return fit
        """}, "return 1", "return 2"),
    "an exception's name": ({"main": """
        def other(): return 1
        def fit():
            try:
                raise ValueError("x")
            except ValueError as wrong:
                return str(wrong)
        def recipe(): return fit
        """}, "return 1", "return 2"),
    "a new attribute's docstring": ({"main": '''
        class Model:
            rate = 1
            """What it costs."""
        def fit(): return Model.rate
        def recipe(): return fit
        '''}, "What it costs.", "Its cost."),
    "a module's docstring where the whole module is reached": ({"main": """
        from plot import helpers
        def fit(): return vars(helpers)["rate"]()
        def recipe(): return fit
        """, "helpers": '"""Helpers."""\ndef rate(): return 1\n'}, '"""Helpers."""', '"""Help."""'),
    "another registry in the same module": ({"main": """
        ONES, TWOS = {}, {}
        OTHERS = {}
        def register(function):
            OTHERS[function.__name__] = function
            return function
        @register
        def other(): return 1
        def fit(): return list(ONES)
        def recipe(): return fit
        """}, "return 1", "return 2"),
    "a statement about another name": ({"main": """
        TABLE, OTHER = [], []
        PARTS = []
        PARTS.append(1)
        def fit(): return TABLE
        def recipe(): return fit
        """}, "append(1)", "append(2)"),
    "the code under a main guard": ({"main": """
        def fit(): return 3
        def recipe(): return fit
        if __name__ == "__main__":
            fit.by = 1
        """}, "by = 1", "by = 2"),
    "the body of the function that makes the recipe": ({"main": """
        def fit(): return 3
        def recipe():
            unused = 1
            return fit
        """}, "unused = 1", "unused = 2"),
    "another function of a module reached by name": ({"main": """
        from plot import helpers
        def fit(): return helpers.rate()
        def recipe(): return fit
        """, "helpers": "def rate(): return 5\ndef other(): return 1\n"}, "return 1", "return 2"),
    "another name of a package's __init__": ({"main": """
        from plot.inner import rate
        def fit(): return rate()
        def recipe(): return fit
        """, "inner__in___init__": "from plot.inner.part import rate\nOTHER = 1\n",
        "inner__in_part": "def rate(): return 5\n"}, "OTHER = 1", "OTHER = 2"),
    "another subclass of a base that all share": ({"main": """
        from typing import Generic, TypeVar
        T = TypeVar("T")
        class Base(Generic[T]):
            def __init_subclass__(cls): cls.name = cls.__name__
        class Other(Base[int]):
            rate = 1
        class Mine(Base[int]): pass
        def fit(): return Mine.name
        def recipe(): return fit
        """}, "rate = 1", "rate = 2"),
    "another function of a table that is not reached": ({"main": """
        def one(): return 3
        def two(): return 1
        TABLE = {"one": one, "two": two}
        def fit(): return one()
        def recipe(): return fit
        """}, "return 1", "return 2"),
    "the order of two unrelated imports": ({"main": """
        import math
        import json
        def fit(): return math.floor(2.5)
        def recipe(): return fit
        """}, "import math\nimport json", "import json\nimport math"),
    "the name a helper is imported under, kept": ({"main": """
        from plot.helpers import rate
        def fit(): return rate()
        def recipe(): return fit
        """, "helpers": "def rate(): return 5\n"}, "from plot.helpers", "from .helpers"),
}  # fmt: skip


@pytest.mark.parametrize("modules, old, new", DOES_NOT_MATTER.values(), ids=DOES_NOT_MATTER)
def test_an_edit_that_does_not_concern_the_recipe_keeps_the_identity(plot, modules, old, new):
    plot.write(**modules)
    before = plot.describe()
    plot.edit(old, new)
    assert plot.describe().digest == before.digest


#: name -> (modules, part of the message): code whose identity would be a guess.
REFUSED = {
    "getattr with a computed name": ({"main": """
        from plot import helpers
        def fit(): return getattr(helpers, "ra" + "te")()
        def recipe(): return fit
        """, "helpers": "def rate(): return 1\n"}, "computed name"),
    "getattr with a computed name on a module imported inside": ({"main": """
        def fit():
            from plot import helpers
            return getattr(helpers, "ra" + "te")()
        def recipe(): return fit
        """, "helpers": "def rate(): return 1\n"}, "computed name"),
    "import_module": ({"main": """
        import importlib
        def fit(): return importlib.import_module("plot.helpers").rate()
        def recipe(): return fit
        """, "helpers": "def rate(): return 1\n"}, "import_module"),
    "import_module under its own name": ({"main": """
        from importlib import import_module
        def fit(): return import_module("plot.helpers").rate()
        def recipe(): return fit
        """, "helpers": "def rate(): return 1\n"}, "import_module"),
    "import_module under another name": ({"main": """
        from importlib import import_module as load
        def fit(): return load("plot.helpers").rate()
        def recipe(): return fit
        """, "helpers": "def rate(): return 1\n"}, "import_module"),
    "__import__": ({"main": """
        def fit(): return __import__("plot.helpers").helpers.rate()
        def recipe(): return fit
        """, "helpers": "def rate(): return 1\n"}, "__import__"),
    "globals": ({"main": """
        def rate(): return 1
        def fit(): return globals()["rate"]()
        def recipe(): return fit
        """}, "globals"),
    "eval": ({"main": """
        def rate(): return 1
        def fit(): return eval("rate()")
        def recipe(): return fit
        """}, "eval"),
    "eval in a helper": ({"main": """
        from plot.helpers import rate
        def fit(): return rate()
        def recipe(): return fit
        """, "helpers": "def rate(): return eval('1')\n"}, "eval"),
    "sys.modules": ({"main": """
        import sys
        from plot import helpers
        def fit(): return sys.modules["plot.helpers"].rate()
        def recipe(): return fit
        """, "helpers": "def rate(): return 1\n"}, "sys.modules"),
    "a method of sys.modules": ({"main": """
        import sys
        from plot import helpers
        def fit(): return sys.modules.get("plot.helpers").rate()
        def recipe(): return fit
        """, "helpers": "def rate(): return 1\n"}, "sys.modules"),
    "__subclasses__": ({"main": """
        from plot import helpers, parts
        def fit(): return [one().rate() for one in helpers.Base.__subclasses__()]
        def recipe(): return fit
        """, "helpers": "class Base: pass\n", "parts": """
        from plot.helpers import Base
        class Part(Base):
            def rate(self): return 1
        """}, "__subclasses__"),
    "a constant changed by another module": ({"main": """
        from plot import helpers
        helpers.RATE = 1
        def fit(): return helpers.rate()
        def recipe(): return fit
        """, "helpers": "RATE = 0\ndef rate(): return RATE\n"}, "RATE"),
    "a constant read from a file": ({"main": """
        from pathlib import Path
        NAME = Path(__file__).read_text().upper()
        def fit(): return NAME
        def recipe(): return fit
        """}, "main.py:3: NAME is read from a file"),
    "a table read from a file by a statement": ({"main": """
        import json
        with open(__file__) as file:
            TABLE = file.name
        def fit(): return TABLE
        def recipe(): return fit
        """}, "TABLE is read from a file"),
    "a lambda made in a method": ({"main": """
        class Task:
            def recipe(self): return lambda: 1
        def recipe(): return Task().recipe()
        """}, "lambda"),
    "a lambda as a value": ({"main": """
        import functools
        def fit(how): return how()
        class Task:
            def recipe(self): return functools.partial(fit, how=lambda: 1)
        def recipe(): return Task().recipe()
        """}, "lambda"),
    "a lambda in a table": ({"main": """
        TABLE = [lambda: 1, lambda: 2]
        def recipe(): return TABLE[0]
        """}, "lambda"),
    "a class made in a function": ({"main": """
        import functools
        def fit(how): return how().rate
        def recipe():
            class Model:
                rate = 1
            return functools.partial(fit, how=Model)
        """}, "Model"),
    "a constant changed by the package's __init__": ({"main": """
        from plot.inner.part import rate
        def fit(): return rate()
        def recipe(): return fit
        """, "inner__in___init__": "from plot.inner import part\npart.RATE = 1\n",
        "inner__in_part": "RATE = 0\ndef rate(): return RATE\n"}, "RATE"),
    "a function defined in a method": ({"main": """
        class Task:
            def recipe(self):
                def fit(): return 1
                return fit
        def recipe(): return Task().recipe()
        """}, "top level"),
    "an object that can be called": ({"main": """
        class Fit:
            def __call__(self): return 1
        def recipe(): return Fit()
        """}, "function or functools.partial"),
    "values bound by position": ({"main": """
        import functools
        def fit(a): return a
        def recipe(): return functools.partial(fit, 1)
        """}, "by position"),
    "an object of a plain class": ({"main": """
        import functools
        class Model: pass
        def fit(a): return a
        def recipe(): return functools.partial(fit, a=Model())
        """}, "Model"),
}  # fmt: skip


@pytest.mark.parametrize("modules, says", REFUSED.values(), ids=REFUSED)
def test_code_whose_identity_would_be_a_guess_is_refused(plot, modules, says):
    plot.write(**modules)
    with pytest.raises((HiddenCode, RecipeError)) as refusal:
        plot.describe()
    assert says in str(refusal.value)


def test_the_refusal_of_hidden_code_says_where_it_is(plot):
    plot.write(main="""
        def fit():
            return eval("1")
        def recipe(): return fit
        """)
    with pytest.raises(HiddenCode) as refusal:
        plot.describe()
    assert "main.py:3" in str(refusal.value)


def test_getattr_on_what_a_recipe_was_given_is_its_own_affair(plot):
    plot.write(main="""
        import functools
        def fit(row, name): return getattr(row, name)
        def recipe(): return functools.partial(fit, row="a", name="upper")
        """)
    assert plot.describe().digest


def test_unwrap_of_nested_partials_binds_the_outer_value_last():
    inner = functools.partial(functools.partial(dict, a=1), a=2, b=3)
    assert unwrap(inner) == (dict, {"a": 2, "b": 3})
