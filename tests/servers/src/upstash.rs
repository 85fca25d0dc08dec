//! Redis over REST, as Upstash serves it.
