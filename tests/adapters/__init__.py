"""Each outside system by itself, against what it really says."""

import pytest

# Their functions are tests, told by the files that run them: a failure shows what was compared.
pytest.register_assert_rewrite("tests.adapters.store_contract", "tests.adapters.store_lists_contract")
