-- What every query may use. Wilson's 95 % interval, as dbt_project/macros/outcomes/wilson_bound.sql writes it for the marts: here
-- for counts that are added up over months, since rates and their bounds must never be averaged.
CREATE OR REPLACE TEMP MACRO wilson_bound(k, n, sign) AS (
    k / n + 3.841458881296 / (2.0 * n)
    + sign * 1.959964 * sqrt((k / n) * (1.0 - k / n) / n + 3.841458881296 / (4.0 * n * n))
) / (1.0 + 3.841458881296 / n);
CREATE OR REPLACE TEMP MACRO wilson_low(k, n) AS
    CASE WHEN n > 0 AND k = 0 THEN 0.0 WHEN n > 0 THEN wilson_bound(k, n, -1.0) END;
CREATE OR REPLACE TEMP MACRO wilson_high(k, n) AS
    CASE WHEN n > 0 AND k = n THEN 1.0 WHEN n > 0 THEN wilson_bound(k, n, 1.0) END;

-- Numbers in words. The space before the sign is one that does not break.
CREATE OR REPLACE TEMP MACRO percent(x) AS printf('%.1f', 100.0 * x) || chr(160) || '%';
CREATE OR REPLACE TEMP MACRO amount(n) AS format('{:,}', n::BIGINT);
CREATE OR REPLACE TEMP MACRO said_rate(k, n) AS
    percent(k / n) || ' of ' || amount(n) || CASE n WHEN 1 THEN ' decision' ELSE ' decisions' END || ' overturned (95'
    || chr(160) || '% interval ' || percent(wilson_low(k, n)) || ' to ' || percent(wilson_high(k, n)) || ')';

-- Below this many decisions a rate is not called high or low in a title.
CREATE OR REPLACE TEMP MACRO enough() AS 30;

-- Sources stand before their chapters: "Not stated" alone would be of nobody.
CREATE OR REPLACE TEMP MACRO guideline_label(source, guideline) AS
    CASE source WHEN 'NONE' THEN guideline ELSE source || ': ' || guideline END;

-- Where a name stands in its attribute's list (`names.sql`), from 0; null for a name that is null.
CREATE OR REPLACE TEMP MACRO place(attribute, name) AS list_position(getvariable('names')[attribute], name) - 1;
