"""The conformance kit: what every family of models keeps, checked without code from its author.

A rule is a function ``rule(family, world)`` that raises AssertionError in words: what was
expected, what was found, in which column. `RULES` lists them all; ``test_conformance.py`` runs
each on each entry of ``ml.families.FAMILIES``.
"""

from conformance.absent import (
    a_missing_optional_table_costs_only_its_features,
    a_missing_required_table_is_named_in_words,
)
from conformance.consent import withdrawn_consent_removes_the_listener
from conformance.empty_day import (
    an_empty_day_flows_through,
    the_first_day_of_all_has_no_past,
    without_any_events_nothing_is_learnt_and_nobody_is_reached,
)
from conformance.future import the_future_cannot_change_the_past
from conformance.open_formats import everything_travels_in_open_formats
from conformance.order import the_order_of_rows_does_not_matter
from conformance.probabilities import scores_are_calibrated_probabilities
from conformance.record import (
    what_a_function_asks_for_is_read_and_declared,
    what_the_record_names_is_there,
)
from conformance.same_bytes import (
    four_shards_give_what_one_gives,
    the_same_inputs_give_the_same_bytes,
)
from conformance.sensitive import (
    no_feature_is_a_sensitive_attribute,
    sensitive_values_change_no_feature,
)
from conformance.serving import (
    candidates_have_the_features_of_training,
    the_same_opportunity_has_the_same_features,
)
from conformance.signal import (
    a_planted_signal_is_found,
    in_random_outcomes_nothing_is_found,
    in_shuffled_labels_nothing_is_found,
)
from conformance.strangers import (
    listeners_never_heard_change_nothing,
    unknown_listeners_neither_break_nor_leak,
    without_lists_everybody_in_the_log_counts,
)

RULES = (
    what_the_record_names_is_there,
    what_a_function_asks_for_is_read_and_declared,
    the_future_cannot_change_the_past,
    the_order_of_rows_does_not_matter,
    unknown_listeners_neither_break_nor_leak,
    without_lists_everybody_in_the_log_counts,
    listeners_never_heard_change_nothing,
    an_empty_day_flows_through,
    the_first_day_of_all_has_no_past,
    without_any_events_nothing_is_learnt_and_nobody_is_reached,
    a_missing_optional_table_costs_only_its_features,
    a_missing_required_table_is_named_in_words,
    the_same_inputs_give_the_same_bytes,
    four_shards_give_what_one_gives,
    no_feature_is_a_sensitive_attribute,
    sensitive_values_change_no_feature,
    withdrawn_consent_removes_the_listener,
    a_planted_signal_is_found,
    in_shuffled_labels_nothing_is_found,
    in_random_outcomes_nothing_is_found,
    scores_are_calibrated_probabilities,
    candidates_have_the_features_of_training,
    the_same_opportunity_has_the_same_features,
    everything_travels_in_open_formats,
)
