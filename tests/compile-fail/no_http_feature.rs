//! A contract whose feature is missing.

tck::http_contract!(my_service, || async { "http://127.0.0.1:8000" }); //~ needs the feature `http`
