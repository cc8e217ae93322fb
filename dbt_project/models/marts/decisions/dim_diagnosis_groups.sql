select
    diagnosis_group,
    diagnosis_group_name
from {{ ref('diagnosis_groups') }}
