{#
    Replaces dbt's test, which selects only the column unless failures are stored. The whole row shows where a value is
    missing.
#}
{% test not_null(model, column_name) %}
    select *
    from {{ model }}
    where {{ column_name }} is null
{% endtest %}
