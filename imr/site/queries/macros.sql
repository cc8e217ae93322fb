-- Macros of the queries. Wilson's 95 % interval as in dbt_project/macros/wilson_bound.sql, here for counts summed over
-- months: rates and their bounds must not be averaged.
CREATE OR REPLACE TEMP MACRO wilson_bound(k, n, sign) AS (
    k / n + 3.841458881296 / (2.0 * n)
    + sign * 1.959964 * sqrt((k / n) * (1.0 - k / n) / n + 3.841458881296 / (4.0 * n * n))
) / (1.0 + 3.841458881296 / n);
CREATE OR REPLACE TEMP MACRO wilson_low(k, n) AS
    CASE WHEN n > 0 AND k = 0 THEN 0.0 WHEN n > 0 THEN wilson_bound(k, n, -1.0) END;
CREATE OR REPLACE TEMP MACRO wilson_high(k, n) AS
    CASE WHEN n > 0 AND k = n THEN 1.0 WHEN n > 0 THEN wilson_bound(k, n, 1.0) END;

-- Numbers as text, with a non-breaking space before the percent sign.
CREATE OR REPLACE TEMP MACRO percent(x) AS printf('%.1f', 100.0 * x) || chr(160) || '%';
CREATE OR REPLACE TEMP MACRO amount(n) AS format('{:,}', n::BIGINT);
CREATE OR REPLACE TEMP MACRO describe_interval(k, n) AS
    '(95' || chr(160) || '% interval ' || percent(wilson_low(k, n)) || ' to ' || percent(wilson_high(k, n)) || ')';
CREATE OR REPLACE TEMP MACRO describe_rate(k, n) AS
    percent(k / n) || ' of ' || amount(n) || CASE n WHEN 1 THEN ' decision' ELSE ' decisions' END || ' overturned '
    || describe_interval(k, n);
CREATE OR REPLACE TEMP MACRO describe_share(k, n, outcome) AS
    percent(k / n) || ' of ' || amount(n) || ' ' || outcome || CASE n WHEN 1 THEN ' decision ' ELSE ' decisions ' END
    || describe_interval(k, n);

-- Titles do not name groups with fewer decisions.
CREATE OR REPLACE TEMP MACRO min_decisions() AS 30;

-- The source comes before its chapter, since chapters such as "Not stated" exist in several sources.
CREATE OR REPLACE TEMP MACRO guideline_label(source, guideline) AS
    CASE source WHEN 'NONE' THEN guideline ELSE source || ': ' || guideline END;

CREATE OR REPLACE TEMP MACRO procedure_label(procedure_name, body_region) AS
    procedure_name || CASE WHEN coalesce(body_region, 'Not stated') = 'Not stated' THEN '' ELSE ', ' || body_region END;

-- Whether a group is in a list of groups with semicolons between.
CREATE OR REPLACE TEMP MACRO has_group(groups, name) AS list_contains(string_split(groups, ';'), name);

CREATE OR REPLACE TEMP MACRO request_kind(is_modified) AS
    CASE WHEN is_modified THEN 'Modified requests' ELSE 'Full denials' END;
