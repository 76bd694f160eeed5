import DiskMedia
import Media
import Settings

/// Opens media stores. The only place that knows where media files are stored.
public enum MediaEngine {
    /// Opens the store of a data folder, or of a backup, which has the same layout.
    public static func open(_ folders: DataFolders) -> any MediaStore {
        DiskMedia(folders)
    }
}
