"""The kinds of models the platform keeps: one file each, one line here."""

from ml.families.ad_outcomes import AD_COMPLETION, AD_CONVERSION, AD_SKIP
from ml.families.ad_targeting import AD_TARGETING
from ml.families.user_segmentation import USER_SEGMENTATION
from ml.family import Family

FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (AD_TARGETING, AD_COMPLETION, AD_SKIP, AD_CONVERSION, USER_SEGMENTATION)
}
