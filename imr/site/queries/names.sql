-- One row per attribute and name, with its number: the files of decisions hold these numbers.
SELECT attribute, name, (row_number() OVER (ORDER BY attribute, name) - 1)::INT AS name_id
FROM (SELECT DISTINCT attribute, name FROM attributes)
ORDER BY name_id
