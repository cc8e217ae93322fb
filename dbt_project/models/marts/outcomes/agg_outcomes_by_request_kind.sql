with requests as (
    select
        *,
        case when is_modified then 'modified' else 'whole' end as request_kind
    from {{ ref('fct_decisions') }}
)

{{ outcomes_by(['request_kind'], of='decisions', facts='requests') }}
