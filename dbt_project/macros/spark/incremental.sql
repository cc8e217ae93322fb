{#
    Builds an incremental model anew, as a table. Parquet tables have no transaction in which the rows of a letter could be
    replaced. Every build on Spark is a full refresh, so models see all letters.
#}
{% materialization incremental, adapter='spark' -%}
    {{ return(dbt_spark.materialization_table_spark()) }}
{%- endmaterialization %}
