{# Fails for each value of a key that is null or repeated: dbt's unique and not_null in one query. #}
{% test primary_key(model, column_name) %}
    select
        {{ column_name }},
        count(*) as row_count
    from {{ model }}
    group by {{ column_name }}
    having count(*) > 1 or {{ column_name }} is null
{% endtest %}
