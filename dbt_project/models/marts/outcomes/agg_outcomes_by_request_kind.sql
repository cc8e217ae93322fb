with decisions as (
    select
        *,
        case when is_modified then 'modified' else 'whole' end as request_kind
    from {{ ref('fct_decisions') }}
)

select
    decisions.request_kind,
    {{ decision_outcome_counts('decisions') | indent(4) }}
from decisions
group by decisions.request_kind
