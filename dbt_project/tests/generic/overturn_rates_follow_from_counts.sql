{# Fails for each row whose rate does not follow from its counts or is outside its interval. #}
{% test overturn_rates_follow_from_counts(model) %}
    select *
    from {{ model }}
    where
        (decision_count = 0 and (overturn_rate is not null or overturn_rate_low is not null))
        or (
            decision_count > 0
            and (
                overturn_rate is null
                or overturn_rate_low is null
                or overturn_rate_high is null
                or abs(overturn_rate * decision_count - overturned_count) > 0.000001
                or overturn_rate_low > overturn_rate
                or overturn_rate_high < overturn_rate
            )
        )
{% endtest %}
