//! Makes a folder's entries safe on the disk, once for all who wait for it.
//!
//! A file that was renamed into a folder survives a power cut only after the folder itself was synchronised. Writers
//! come sixteen at a time; each needs a synchronisation that *began* after its rename, not one of its own.

use std::io;
use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

use rustix::io::Errno;

/// The synchronisations of one folder by this process.
#[derive(Debug, Default)]
pub(super) struct Syncs {
    rounds: Mutex<Rounds>,
    ended: Condvar,
    anchored: AtomicBool,
    written: AtomicBool,
}

#[derive(Debug, Default)]
struct Rounds {
    /// How many began; the last one is under way if fewer ended.
    begun: u64,
    ended: u64,
    /// The last round that failed, with its reason.
    failed: Option<(u64, Errno)>,
}

impl Syncs {
    /// Returns when all that was done in the folder before this call is safe.
    pub(super) fn sync(&self, folder: BorrowedFd<'_>) -> io::Result<()> {
        let mut rounds = self.rounds.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = rounds.begun + 1;
        loop {
            if rounds.ended >= mine {
                // A later failure counts too: the system may report it to one caller only.
                return match rounds.failed {
                    Some((round, errno)) if round >= mine => Err(errno.into()),
                    _ => Ok(()),
                };
            }
            if rounds.begun > rounds.ended {
                rounds = self.ended.wait(rounds).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            rounds.begun += 1;
            let round = rounds.begun;
            drop(rounds);
            let result = match rustix::io::retry_on_intr(|| rustix::fs::fsync(folder)) {
                // How file systems without such a thing as a synchronised folder say so.
                Err(Errno::INVAL) => Ok(()),
                result => result,
            };
            rounds = self.rounds.lock().unwrap_or_else(PoisonError::into_inner);
            rounds.ended = round;
            if let Err(errno) = result {
                rounds.failed = Some((round, errno));
            }
            self.ended.notify_all();
        }
    }

    /// Whether the folder's own entry is known to be safe in its parent.
    pub(super) fn is_anchored(&self) -> bool {
        self.anchored.load(Ordering::Acquire)
    }

    pub(super) fn set_anchored(&self) {
        self.anchored.store(true, Ordering::Release);
    }

    /// Whether nobody asked this before.
    pub(super) fn is_first_write(&self) -> bool {
        !self.written.swap(true, Ordering::AcqRel)
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use super::*;

    #[test]
    fn many_writers_share_a_round() {
        let folder = std::fs::File::open(std::env::temp_dir()).expect("a folder");
        let syncs = Syncs::default();
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        syncs.sync(folder.as_fd()).expect("a folder can be synchronised");
                    }
                });
            }
        });
        let rounds = syncs.rounds.lock().expect("nobody panicked");
        assert_eq!(rounds.begun, rounds.ended);
        assert!(rounds.begun <= 800, "{rounds:?}");
    }

    #[test]
    fn a_failure_reaches_who_waited_for_it() {
        let flags = rustix::fs::OFlags::PATH;
        let unusable = rustix::fs::open(std::env::temp_dir(), flags, rustix::fs::Mode::empty()).expect("a folder");
        let error = Syncs::default().sync(unusable.as_fd()).expect_err("a mere path cannot be synchronised");
        assert_eq!(error.raw_os_error(), Some(Errno::BADF.raw_os_error()));
    }
}
