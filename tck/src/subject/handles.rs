//! The handles of a check, and what they share.

use std::{
    cell::Cell,
    collections::hash_map::RandomState,
    hash::BuildHasher,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tck_api::{Error, ErrorKind, Result};

use super::Subject;
use crate::{
    Profile,
    check::{Check, Stop},
    factory::{Factory, Provider, Setup, Shared},
    probe::crew::Crew,
    recorder::Recorder,
    timeline::Timeline,
    trace::Trace,
};

/// What all handles of one check share.
pub(super) struct Scene {
    factory: Arc<dyn Factory>,
    pub(super) profile: Profile,
    pub(super) timeline: Timeline,
    pub(super) trace: Trace,
    shared: Shared,
    /// Part of all keys and namespaces of this check, and of no other's.
    pub(super) mark: String,
    /// How many handles on the first namespace there have been.
    handles: AtomicUsize,
    pub(super) crew: Crew,
}

impl Scene {
    fn new(factory: Arc<dyn Factory>, profile: Profile, trace: Trace) -> Arc<Self> {
        Arc::new(Self {
            factory,
            timeline: Timeline::new(profile.time),
            profile,
            trace,
            shared: Shared::default(),
            mark: format!("tck-{}", unused()),
            handles: AtomicUsize::new(1),
            crew: Crew::default(),
        })
    }

    /// A factory that did not open what every provider must take.
    fn failed(&self, refusal: &Error, suffix: &str) -> Stop {
        unopened(refusal, &format!("{}{suffix}", self.mark))
    }

    async fn open(self: &Arc<Self>, namespace: String, label: &str) -> Check<Result<Subject>> {
        let setup = Setup::new(
            namespace.clone(),
            self.timeline.clock(),
            Arc::clone(&self.shared),
        );
        let call = self.trace.begin_setup();
        let provided = self.factory.provide(setup).await;
        drop(call);
        match provided {
            Ok(provider) => Ok(Ok(Subject {
                recorder: Recorder::new(provider, label, self.trace.clone()),
                scene: Arc::clone(self),
                attempt: Cell::new(0),
                beside: None,
            })),
            Err(error) => match error.downcast::<Error>() {
                Ok(refusal) => Ok(Err(*refusal)),
                Err(failure) => Err(unopened(&*failure, &namespace)),
            },
        }
    }
}

impl Subject {
    /// The first handle, on a namespace that nobody has used.
    pub(crate) async fn open(
        factory: Arc<dyn Factory>,
        profile: Profile,
        trace: Trace,
    ) -> Check<Self> {
        let scene = Scene::new(factory, profile, trace);
        let namespace = scene.mark.clone();
        scene
            .open(namespace, "")
            .await?
            .map_err(|refusal| scene.failed(&refusal, ""))
    }

    /// No handle yet: a store that is to be closed is kept open by none.
    pub(crate) fn closed(factory: Arc<dyn Factory>, profile: Profile, trace: Trace) -> Self {
        let scene = Scene::new(factory, profile, trace);
        Self {
            recorder: Recorder::new(Provider::none(), "", scene.trace.clone()),
            scene,
            attempt: Cell::new(0),
            beside: None,
        }
    }

    /// Another handle on the same data.
    pub(crate) async fn second_handle(&self) -> Check<Self> {
        let namespace = self.scene.mark.clone();
        let label = match self.scene.handles.fetch_add(1, Ordering::Relaxed) {
            1 => "second.".to_owned(),
            2 => "third.".to_owned(),
            more => format!("handle{}.", more + 1),
        };
        let opened = self.scene.open(namespace, &label).await?;
        opened.map_err(|refusal| self.scene.failed(&refusal, ""))
    }

    /// A handle on another namespace, whose name is one that every provider must take:
    /// letters, digits and hyphens.
    pub(crate) async fn neighbour(&self, name: &str) -> Check<Self> {
        let suffix = format!("-{name}");
        let opened = self.namespace(&suffix).await?;
        opened.map_err(|refusal| self.scene.failed(&refusal, &suffix))
    }

    /// A handle on another namespace, of which there is none at present. The story tells it.
    pub(crate) async fn opened(&self, name: &str) -> Check<Self> {
        let note = format!("[…-{name}] is opened");
        self.scene.trace.note(note);
        self.neighbour(name).await
    }

    /// A handle on the namespace whose name ends in `suffix`, or the typed refusal of
    /// that name.
    async fn namespace(&self, suffix: &str) -> Check<Result<Self>> {
        let namespace = format!("{}{suffix}", self.scene.mark);
        let label = format!("[…{}] ", suffix.escape_debug());
        self.scene.open(namespace, &label).await
    }

    /// A handle on a namespace whose name the provider may refuse, as long as it says so.
    pub(crate) async fn odd_namespace(&self, suffix: &str) -> Check<Option<Self>> {
        match self.namespace(suffix).await? {
            Ok(store) => Ok(Some(store)),
            Err(refusal) if refusal.kind() == ErrorKind::InvalidKey => Ok(None),
            Err(failure) => Err(self.scene.failed(&failure, suffix)),
        }
    }
}

/// Eight letters and digits that nobody has used before, by all that is likely.
fn unused() -> String {
    let random = RandomState::new().hash_one(());
    let digit = |place| random / 36_u64.pow(place) % 36;
    let digits = (0..8).map(digit);
    digits
        .filter_map(|digit| char::from_digit(digit as u32, 36))
        .collect()
}

fn unopened(failure: &(dyn std::error::Error + Send + Sync), namespace: &str) -> Stop {
    let reason = format!("the factory answered Err({failure}) for the namespace {namespace:?}");
    Stop::Unopened(reason.into())
}
