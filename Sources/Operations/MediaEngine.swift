import DiskMedia
import Media
import Settings

/// Opens media stores. The one place that knows where one keeps its files.
public enum MediaEngine {
    /// Of a data folder, or of a backup, which is laid out as one.
    public static func open(_ folders: DataFolders) -> any MediaStore {
        DiskMedia(folders)
    }
}
