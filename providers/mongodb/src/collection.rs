//! The requests that a collection answers.

use std::time::Duration;

use futures_util::TryStreamExt;
use mongodb::{
    Client, Collection as MongoCollection, IndexModel,
    bson::{Document, doc},
    error::Result as MongoResult,
    options::{
        Acknowledgment, ClientOptions, CollectionOptions, Hint, IndexOptions, ReadConcern,
        ReadPreference, SelectionCriteria, WriteConcern,
    },
};
use omni_kv_parts::within;
use tck_api::Result;

use crate::{
    Settings,
    entry::EXPIRES,
    error::{is_taken, told},
};

#[derive(Clone)]
pub(crate) struct Collection {
    entries: MongoCollection<Document>,
    limit: Duration,
}

impl Collection {
    pub(crate) async fn open(settings: &Settings) -> Result<Self> {
        let limit = settings.timeout;
        let entries = within(limit, async {
            let server = settings.server.clone();
            let options = ClientOptions::parse(server).await.map_err(told)?;
            let entries = entries(options, settings).map_err(told)?;
            // What has expired goes by itself, a minute later or so.
            let cleaned = IndexOptions::builder().expire_after(Duration::ZERO).build();
            let index = IndexModel::builder()
                .keys(doc! { EXPIRES: 1 })
                .options(cleaned)
                .build();
            entries.create_index(index).await.map_err(told)?;
            Ok(entries)
        });
        Ok(Self {
            entries: entries.await?,
            limit,
        })
    }

    /// Requests that end in time together.
    pub(crate) async fn run<T>(&self, requests: impl Future<Output = Result<T>>) -> Result<T> {
        within(self.limit, requests).await
    }

    pub(crate) async fn find_one(&self, filter: Document) -> Result<Option<Document>> {
        self.entries.find_one(filter).await.map_err(told)
    }

    /// The deadline of one, without its value.
    pub(crate) async fn find_deadline(&self, filter: Document) -> Result<Option<Document>> {
        let find = self.entries.find_one(filter);
        find.projection(doc! { EXPIRES: 1 }).await.map_err(told)
    }

    /// The first so many in the order of their ids.
    pub(crate) async fn find(
        &self,
        filter: Document,
        limit: i64,
        projection: Document,
    ) -> Result<Vec<Document>> {
        let found = self
            .entries
            .find(filter)
            .sort(doc! { "_id": 1 })
            // Not the index of deadlines, which says nothing of where an entry belongs.
            .hint(Hint::Keys(doc! { "_id": 1 }))
            .limit(limit)
            .projection(projection)
            .await
            .map_err(told)?;
        found.try_collect().await.map_err(told)
    }

    /// Puts the entry in the place of one that meets the filter. Says whether there was one.
    pub(crate) async fn replace(&self, filter: Document, entry: Document) -> Result<bool> {
        let replaced = self.entries.replace_one(filter, entry).await;
        Ok(replaced.map_err(told)?.matched_count > 0)
    }

    /// Puts the entry in the place of one that meets the filter, or where there is none. Says
    /// whether it did: one that does not meet the filter may be in the way.
    pub(crate) async fn put(&self, filter: Document, entry: Document) -> Result<bool> {
        let put = self.entries.replace_one(filter, entry).upsert(true);
        match put.await {
            Err(error) if is_taken(&error) => Ok(false),
            answer => answer.map(|_| true).map_err(told),
        }
    }

    pub(crate) async fn delete(&self, filter: Document) -> Result<()> {
        let deleted = self.entries.delete_one(filter).await;
        deleted.map(drop).map_err(told)
    }
}

fn entries(
    mut options: ClientOptions,
    settings: &Settings,
) -> MongoResult<MongoCollection<Document>> {
    options.connect_timeout.get_or_insert(settings.timeout);
    // Before the call is given up: this error says what is wrong with the servers.
    let selection = settings.timeout / 5 * 4;
    options.server_selection_timeout.get_or_insert(selection);
    // A write that is repeated where the server does not know it again may be done twice.
    options.retry_writes = Some(false);
    let majority = WriteConcern::builder().w(Acknowledgment::Majority).build();
    let write_concern = options.write_concern.clone().unwrap_or(majority);
    let read_concern = options.read_concern.clone();
    let collection = CollectionOptions::builder()
        // What was written is read from where it was written.
        .selection_criteria(SelectionCriteria::ReadPreference(ReadPreference::Primary))
        .write_concern(write_concern)
        .read_concern(read_concern.unwrap_or_else(ReadConcern::majority))
        .build();
    let database = Client::with_options(options)?.database(&settings.database);
    Ok(database.collection_with_options(&settings.collection, collection))
}
